import { fullJitter } from '@finnigram/service-kit'
import type { WithLimits, WithLog, WithPool } from '../deps.ts'
import type { WithSealer } from '../keys/sealer.ts'
import { renderHtml, renderText } from './email-templates.ts'
import { decryptJob, deleteMail, type mailMetrics, type QueuedMail, retryMailIn } from './mail-queue.ts'
import { consumeMailLimit } from './mail-rate-limit.ts'
import { type MailTransport, noUtf8 } from './mail-transport.ts'
import { mostBegun, parkMail } from './parked-mails.ts'
import { type PrepareDeps, prepareMail } from './prepare-mail.ts'

const keptMs = 24 * 60 * 60_000
/** Ten to twenty minutes, at random. */
const domainPauseMs = () => (1 + Math.random()) * 10 * 60_000
const noUtf8Reason = 'The mail server does not take addresses beyond ASCII (SMTPUTF8, RFC 6531)'
const backoff = { baseMs: 4_000, maxMs: 15 * 60_000 }

export interface DeliveryDeps extends PrepareDeps, WithSealer, WithLimits {}

export interface MailDelivery {
  transport: MailTransport
  metrics: ReturnType<typeof mailMetrics>
}

/**
 * Makes one attempt to send a mail. An error's message may hold the address, so it is not logged.
 */
export async function sendQueuedMail(
  ctx: DeliveryDeps,
  { transport, metrics }: MailDelivery,
  mail: QueuedMail,
): Promise<void> {
  const { pool, sealer, log } = ctx
  const { id, tries } = mail
  if (Date.now() - mail.createdAt.getTime() > keptMs) {
    log.warn('A mail was given up after a day', { mail: id, tries })
    metrics.failed.inc()
    return deleteMail(pool, id)
  }
  if (mail.begun > mostBegun) {
    const reason = mail.reason ?? 'The process ended while sending it'
    log.error('A mail whose attempts never finish is parked', { mail: id, reason })
    metrics.parked.inc({ kind: 'mail' })
    return parkMail(pool, id, { reason })
  }
  const job = decryptJob(sealer, mail)
  const prepared = await prepareMail(ctx, job)
  if (!prepared) return deleteMail(pool, id)
  const { to, isProven, content, userIds } = prepared
  const allowance = await consumeMailLimit(ctx.limits, job, { to, isProven, tries })
  if (allowance !== 'send') {
    await prepared.undo()
    metrics.heldBack.inc({ reason: allowance === 'drop' ? 'mailbox' : 'domain' })
    return allowance === 'drop' ? deleteMail(pool, id) : retryMailIn(pool, id, domainPauseMs())
  }
  try {
    await transport.send({
      id,
      userIds,
      to,
      subject: content.subject,
      text: renderText(content),
      html: renderHtml(content),
    })
  } catch (error) {
    await prepared.undo()
    return settleFailure(ctx, metrics, { mail, userId: userIds[0], reason: reasonOf(error) })
  }
  metrics.sent.inc()
  await deleteMail(pool, id)
}

interface Failure {
  mail: QueuedMail
  userId: string | undefined
  reason: Reason
}

/** Schedules another attempt where one may help. Otherwise deletes or parks the mail. */
async function settleFailure(
  { pool, log }: WithPool & WithLog,
  metrics: MailDelivery['metrics'],
  { mail: { id, tries }, userId, reason }: Failure,
): Promise<void> {
  metrics.failed.inc()
  if (reason.code === noUtf8) {
    log.warn('A mail is parked: the mail server takes no address beyond ASCII', { mail: id })
    metrics.parked.inc({ kind: 'mail' })
    return parkMail(pool, id, { reason: noUtf8Reason, userId })
  }
  if (isPermanent(reason)) {
    log.warn('The mail server refused a mail permanently', { mail: id, ...reason })
    return deleteMail(pool, id)
  }
  log.warn('A mail could not be sent and is tried again', { mail: id, tries, ...reason })
  return retryMailIn(pool, id, 1_000 + fullJitter(tries, backoff))
}

interface Reason {
  code?: unknown
  responseCode?: unknown
  command?: unknown
}

function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error)) return {}
  const { code, responseCode, command }: Reason = error as Error & Reason
  return { code, responseCode, command }
}

/**
 * A permanent failure, such as no such mailbox: another attempt changes nothing (RFC 5321, 4.2.1).
 */
const isPermanent = ({ code, responseCode }: Reason) =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500
