import { AppError, type RateLimit, type RateLimiter } from '@finnigram/service-kit'
import type { MailJob } from './mail-job.ts'
import { mailboxKey, mailDomain } from './mailbox-key.ts'

const hour = 3600

/** What one mailbox is sent, from whatever account and spelling it is asked for: the mailbox may be a stranger's. */
const linkLimits: RateLimit[] = [
  { name: 'mail-links', points: 10, perSeconds: hour },
  { name: 'mail-links-day', points: 30, perSeconds: 24 * hour },
]
/** Counted apart: whoever asks for links must not silence what a person should hear of their account. */
const noticeLimits: RateLimit[] = [
  { name: 'mail-notices', points: 20, perSeconds: hour },
  { name: 'mail-notices-day', points: 60, perSeconds: 24 * hour },
]
/** Many mailboxes of one host are a flood to it all the same; its mails wait their turn. */
const domainLimit: RateLimit = { name: 'mail-domain', points: 1_000, perSeconds: hour }

/** What becomes of a mail: it goes out, waits because its host has enough for now, or is dropped because its mailbox has. */
export type Allowance = 'send' | 'wait' | 'drop'

/** Counts a mail that is about to be sent; for its mailbox only once, however often it is tried. */
export async function allowMail(
  limits: RateLimiter,
  { kind }: MailJob,
  { to, tries }: { to: string; tries: number },
): Promise<Allowance> {
  const own = tries > 1 ? [] : kind === 'notice' ? noticeLimits : linkLimits
  for (const limit of own) if (!(await isWithin(limits, limit, mailboxKey(to)))) return 'drop'
  return (await isWithin(limits, domainLimit, mailDomain(to))) ? 'send' : 'wait'
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
