import { AppError, type RateLimit, type RateLimiter } from '@finnigram/service-kit'
import { emailKey } from '../auth/email-key.ts'
import type { MailJob } from './mail-job.ts'
import { mailboxKey, mailDomain } from './mailbox-key.ts'
import { tokenMinutes } from './mailed-token.ts'

const hour = 3600

/**
 * Links to unproven addresses, by mailbox, whatever the account and the spelling: the mailbox may
 * belong to someone who never asked.
 */
const verificationLimits: RateLimit[] = [
  { name: 'mail-verifications', points: 10, perSeconds: hour },
  { name: 'mail-verifications-day', points: 30, perSeconds: 24 * hour },
]
const unprovenResetLimits: RateLimit[] = [
  { name: 'mail-resets-unproven', points: 10, perSeconds: hour },
  { name: 'mail-resets-unproven-day', points: 30, perSeconds: 24 * hour },
]
/** Resets for the proven owner, by exact address: other accounts do not count here. */
const resetLimits: RateLimit[] = [
  { name: 'mail-resets', points: 10, perSeconds: hour },
  { name: 'mail-resets-day', points: 30, perSeconds: 24 * hour },
]
/**
 * Beyond those limits, one more before the last link expires. So a stranger who asks in an owner's
 * name cannot lock them out: whenever a mail is dropped, a valid link is in the mailbox.
 */
const lateResetLimit: RateLimit = {
  name: 'mail-resets-late',
  points: 1,
  perSeconds: (tokenMinutes.reset_password - 5) * 60,
}
/** Notices, by proven address and subject: many notices of one kind must not suppress another. */
const noticeLimits: RateLimit[] = [
  { name: 'mail-notices', points: 10, perSeconds: hour },
  { name: 'mail-notices-day', points: 30, perSeconds: 24 * hour },
]
/**
 * Mails to one domain wait beyond these limits. Mails to unproven addresses do not use up the
 * limit of proven owners.
 */
const unprovenDomainLimit: RateLimit = { name: 'mail-domain-unproven', points: 1_000, perSeconds: hour }
const provenDomainLimit: RateLimit = { name: 'mail-domain', points: 3_000, perSeconds: hour }

/** Send it, wait (too many for its domain), or drop it (too many for its mailbox). */
export type Allowance = 'send' | 'wait' | 'drop'

export interface Addressed {
  to: string
  /** Whether the recipient has proven the address. */
  isProven: boolean
  tries: number
}

/** Counts a mail that is about to be sent. Further attempts count for its domain only. */
export async function consumeMailLimit(
  limits: RateLimiter,
  job: MailJob,
  { to, isProven, tries }: Addressed,
): Promise<Allowance> {
  if (tries <= 1 && !(await isMailboxAllowed(limits, job, { to, isProven }))) return 'drop'
  const domainLimit = isProven ? provenDomainLimit : unprovenDomainLimit
  return (await tryConsume(limits, domainLimit, mailDomain(to))) ? 'send' : 'wait'
}

async function isMailboxAllowed(
  limits: RateLimiter,
  job: MailJob,
  { to, isProven }: Omit<Addressed, 'tries'>,
): Promise<boolean> {
  if (job.kind === 'notice') return tryConsumeAll(limits, noticeLimits, `${job.about} ${emailKey(to)}`)
  if (job.kind === 'verify_email') return tryConsumeAll(limits, verificationLimits, mailboxKey(to))
  if (!isProven) return tryConsumeAll(limits, unprovenResetLimits, mailboxKey(to))
  const key = emailKey(to)
  return (await tryConsumeAll(limits, resetLimits, key)) || tryConsume(limits, lateResetLimit, key)
}

async function tryConsumeAll(limits: RateLimiter, all: RateLimit[], key: string): Promise<boolean> {
  for (const limit of all) if (!(await tryConsume(limits, limit, key))) return false
  return true
}

/** Consumes one point of `key`, if there is one, and says whether there was. */
export async function tryConsume(limits: RateLimiter, limit: RateLimit, key: string): Promise<boolean> {
  try {
    await limits.consume(limit, key)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'rate_limited') return false
    throw error
  }
}
