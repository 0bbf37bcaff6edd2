import { AppError, type RateLimit, type RateLimiter } from '@finnigram/service-kit'
import { emailKey } from '../auth/email-key.ts'
import type { MailJob } from './mail-job.ts'
import { mailboxKey, mailDomain } from './mailbox-key.ts'
import { tokenMinutes } from './mailed-token.ts'

const hour = 3600

/**
 * Links to addresses that nobody has proven, by mailbox, whatever the account and the spelling: the mailbox may belong to
 * somebody who knows nothing of it.
 */
const verificationLimits: RateLimit[] = [
  { name: 'mail-verifications', points: 10, perSeconds: hour },
  { name: 'mail-verifications-day', points: 30, perSeconds: 24 * hour },
]
const unprovenResetLimits: RateLimit[] = [
  { name: 'mail-resets-unproven', points: 10, perSeconds: hour },
  { name: 'mail-resets-unproven-day', points: 30, perSeconds: 24 * hour },
]
/**
 * Resets for the proven owner of an address, by this address alone: nobody else's account counts
 * here.
 */
const resetLimits: RateLimit[] = [
  { name: 'mail-resets', points: 10, perSeconds: hour },
  { name: 'mail-resets-day', points: 30, perSeconds: 24 * hour },
]
/**
 * Beyond them one more before the last one has expired. Whoever asks in an owner's name cannot keep them out: when a mail
 * is dropped, a link that is still good is in the mailbox.
 */
const lateResetLimit: RateLimit = {
  name: 'mail-resets-late',
  points: 1,
  perSeconds: (tokenMinutes.reset_password - 5) * 60,
}
/** By proven address and subject: whoever makes much of one kind must not silence another. */
const noticeLimits: RateLimit[] = [
  { name: 'mail-notices', points: 10, perSeconds: hour },
  { name: 'mail-notices-day', points: 30, perSeconds: 24 * hour },
]
/**
 * Many mailboxes of one host are a flood to it all the same; its mails wait their turn. Strangers
 * take no turn of proven owners.
 */
const unprovenDomainLimit: RateLimit = { name: 'mail-domain-unproven', points: 1_000, perSeconds: hour }
const provenDomainLimit: RateLimit = { name: 'mail-domain', points: 3_000, perSeconds: hour }

/** What becomes of a mail: it goes out, waits because its host has enough for now, or is dropped because its mailbox has. */
export type Allowance = 'send' | 'wait' | 'drop'

export interface Addressed {
  to: string
  /** Whether it goes to the proven owner of the address. */
  isProven: boolean
  tries: number
}

/** Counts a mail that is about to be sent; for its address only once, however often it is tried. */
export async function allowMail(
  limits: RateLimiter,
  job: MailJob,
  { to, isProven, tries }: Addressed,
): Promise<Allowance> {
  if (tries <= 1 && !(await hasRoom(limits, job, { to, isProven }))) return 'drop'
  const domainLimit = isProven ? provenDomainLimit : unprovenDomainLimit
  return (await isWithin(limits, domainLimit, mailDomain(to))) ? 'send' : 'wait'
}

async function hasRoom(
  limits: RateLimiter,
  job: MailJob,
  { to, isProven }: Omit<Addressed, 'tries'>,
): Promise<boolean> {
  if (job.kind === 'notice') return isWithinAll(limits, noticeLimits, `${job.about} ${emailKey(to)}`)
  if (job.kind === 'verify_email') return isWithinAll(limits, verificationLimits, mailboxKey(to))
  if (!isProven) return isWithinAll(limits, unprovenResetLimits, mailboxKey(to))
  const key = emailKey(to)
  return (await isWithinAll(limits, resetLimits, key)) || isWithin(limits, lateResetLimit, key)
}

async function isWithinAll(limits: RateLimiter, all: RateLimit[], key: string): Promise<boolean> {
  for (const limit of all) if (!(await isWithin(limits, limit, key))) return false
  return true
}

/** Takes one point of `key` and says whether there was one. */
export async function isWithin(limits: RateLimiter, limit: RateLimit, key: string): Promise<boolean> {
  try {
    await limits.consume(limit, key)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'rate_limited') return false
    throw error
  }
}
