import { fullJitter } from '@finnigram/service-kit'
import { allowMail } from './allow-mail.ts'
import { toHtml, toText } from './email-templates.ts'
import type { mailFigures } from './mail-queue.ts'
import { dropMail, openJob, putBackMail, type QueuedMail } from './mail-queue.ts'
import { type MailTransport, noUtf8 } from './mail-transport.ts'
import type { MailerContext } from './mailer.ts'
import { mostBegun, parkMail } from './parked-mails.ts'
import { prepareMail } from './prepare-mail.ts'

const keptMs = 24 * 60 * 60_000
/** Ten to twenty minutes, each mail another time. */
const domainPauseMs = () => (1 + Math.random()) * 10 * 60_000
/** Until the operator has another mail server, or turns SMTPUTF8 on in this one. */
const noUtf8Reason = 'The mail server does not take addresses beyond ASCII (SMTPUTF8, RFC 6531)'
const backoff = { baseMs: 4_000, maxMs: 15 * 60_000 }

/** One mail's try. Neither address nor text reaches the log, and an error's message may hold the address. */
export async function sendQueuedMail(
  ctx: MailerContext,
  { transport, figures }: MailOutlet,
  mail: QueuedMail,
): Promise<void> {
  const { pool, sealer, log } = ctx
  const { id, tries } = mail
  if (Date.now() - mail.createdAt.getTime() > keptMs) {
    log.warn('A mail was given up after a day', { mail: id, tries })
    figures.failed.inc()
    return dropMail(pool, id)
  }
  if (mail.begun > mostBegun) {
    const reason = mail.reason ?? 'The process ended while sending it'
    log.error('A mail that comes to no end is parked', { mail: id, reason })
    figures.parked.inc({ kind: 'mail' })
    return parkMail(pool, id, { reason })
  }
  const job = openJob(sealer, mail)
  const prepared = await prepareMail(ctx, job)
  if (!prepared) return dropMail(pool, id)
  const { to, isProven, letter, userIds } = prepared
  const allowance = await allowMail(ctx.limits, job, { to, isProven, tries })
  if (allowance !== 'send') {
    await prepared.undo()
    figures.heldBack.inc({ reason: allowance === 'drop' ? 'mailbox' : 'domain' })
    return allowance === 'drop' ? dropMail(pool, id) : putBackMail(pool, id, domainPauseMs())
  }
  try {
    await transport.send({
      id,
      userIds,
      to,
      subject: letter.subject,
      text: toText(letter),
      html: toHtml(letter),
    })
  } catch (error) {
    await prepared.undo()
    return settleFailure(ctx, figures, { mail, userId: userIds[0], reason: reasonOf(error) })
  }
  figures.sent.inc()
  await dropMail(pool, id)
}

interface Failure {
  mail: QueuedMail
  userId: string | undefined
  reason: Reason
}

/** Tries a mail again later, where that may help; drops or parks it where it cannot. */
async function settleFailure(
  { pool, log }: MailerContext,
  figures: MailOutlet['figures'],
  { mail: { id, tries }, userId, reason }: Failure,
): Promise<void> {
  figures.failed.inc()
  if (reason.code === noUtf8) {
    log.warn('A mail is parked: the mail server takes no address beyond ASCII', { mail: id })
    figures.parked.inc({ kind: 'mail' })
    return parkMail(pool, id, { reason: noUtf8Reason, userId })
  }
  if (isForGood(reason)) {
    log.warn('The mail server refused a mail for good', { mail: id, ...reason })
    return dropMail(pool, id)
  }
  log.warn('A mail could not be sent and is tried again', { mail: id, tries, ...reason })
  return putBackMail(pool, id, 1_000 + fullJitter(tries, backoff))
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

/** No such mailbox, or a message it will never take: asking again changes nothing (RFC 5321, 4.2.1). */
const isForGood = ({ code, responseCode }: Reason) =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500

export interface MailOutlet {
  transport: MailTransport
  figures: ReturnType<typeof mailFigures>
}
