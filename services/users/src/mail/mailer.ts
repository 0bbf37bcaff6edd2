import {
  createWakeSignal,
  fullJitter,
  isUnavailable,
  type Metrics,
  pause,
  within,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLimits, WithLog, WithPool } from '../deps.ts'
import type { WithSealer } from '../keys/sealer.ts'
import { claimMails, mailMetrics } from './mail-queue.ts'
import { type MailConfig, openMailTransport } from './mail-transport.ts'
import { recordFailedAttempt } from './parked-mails.ts'
import { sendQueuedMail } from './send-queued-mail.ts'

/*
 * The mail queue: at-least-once delivery of mails that transactions ask for.
 *
 * Promises
 * - A mail is sent only if the transaction that enqueued it commits (`mail-queue.ts`).
 * - A mail that the mail server did not take is tried again for a day, with backoff and jitter.
 * - Any node may send any mail, and no two send one at the same time: a claimed mail is leased for
 *   three minutes. A node that dies leaves its leases to expire.
 * - Mails to one mailbox or domain are rate limited (`allow-mail.ts`).
 *
 * Procedure: claim what is due (`claimMails`) → decrypt the job → make tokens and text
 * (`prepareMail`) → ask the limits → send (`mail-transport.ts`) → delete, reschedule or park
 * (`send-queued-mail.ts`). A commit wakes the loop, which also polls every two seconds.
 *
 * Never
 * - Neither a token nor a mail's text waits in the queue: both are made when the mail is sent.
 * - Neither an address nor a text reaches the log. Jobs are encrypted in the table.
 * - A mail whose attempts never finish does not block the others: it is parked after five.
 *
 * Callers: `transactionWithOutbox` enqueues and wakes, `forgotPassword` enqueues without a
 * transaction, `deleteAccount` and maintenance delete files of mails.
 */

export interface Mailer extends AsyncDisposable {
  /** Says that a mail was just enqueued. Returns at once. */
  wake(): void
  /** Deletes the mails about a person where they are files. */
  deleteMailsAbout(userId: string): Promise<void>
  /** Deletes files of mails that are old, or about deleted accounts. */
  sweep(): Promise<void>
}

export interface WithMailer {
  readonly mailer: Mailer
}

export interface MailerOptions extends WithPool, WithSealer, WithLog, WithLimits {
  config: MailConfig
  metrics: Metrics
  /** Nothing is claimed while this is false: the queue may still have to be migrated. */
  isReady: () => boolean
}

const atOnce = 5
const pollEveryMs = 2_000
/** How long disposing waits for a slow mail server. Another node then sends what was under way. */
const patienceMs = 3_000

/**
 * Sends enqueued mails until disposed of. Disposing lets sends under way finish, for three
 * seconds.
 */
export function createMailer(ctx: MailerOptions): Mailer {
  const ending = new AbortController()
  const transport = openMailTransport(ctx.config)
  const delivery = { transport, metrics: mailMetrics(ctx.metrics) }
  ctx.log.info(`Mail is ${ctx.config.SMTP_URL ? 'sent through' : 'written to'} ${transport.destination}`)
  const wakeSignal = createWakeSignal()
  const logFailure = (message: string, error: unknown) =>
    ctx.log[isUnavailable(error) ? 'warn' : 'error'](message, { error })
  const sendBatch = async () => {
    const mails = ctx.isReady() ? await claimMails(ctx.pool, atOnce) : []
    await Promise.all(
      mails.map((mail) =>
        sendQueuedMail(ctx, delivery, mail).catch(async (error) => {
          logFailure('A queued mail could not be handled', error)
          await recordFailedAttempt(ctx.pool, mail.id, error).catch(() => {})
        }),
      ),
    )
    if (mails.length < atOnce) await wakeSignal.wait(pollEveryMs)
  }
  const run = async () => {
    let failures = 0
    while (!ending.signal.aborted) {
      try {
        await sendBatch()
        failures = 0
      } catch (error) {
        if (failures === 0) logFailure('Mails could not be claimed from the queue', error)
        failures += 1
        await pause(500 + fullJitter(failures), ending.signal)
      }
    }
  }
  const running = run()
  return {
    wake: wakeSignal.wake,
    deleteMailsAbout: (userId) => transport.deleteMailsAbout(userId),
    sweep: () => transport.sweep((userIds) => findDeleted(ctx.pool, userIds)),
    async [Symbol.asyncDispose]() {
      ending.abort()
      wakeSignal.wake()
      await within(patienceMs, running)
      transport[Symbol.dispose]()
    },
  }
}

async function findDeleted(pool: pg.Pool, userIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM users WHERE id = ANY($1::uuid[]) AND deleted_at IS NOT NULL',
    [userIds],
  )
  return rows.map(({ id }) => id)
}
