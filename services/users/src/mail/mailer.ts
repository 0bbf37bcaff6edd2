import { fullJitter, isUnavailable, type Metrics, pause, within } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { mailFigures, takeMails } from './mail-queue.ts'
import { openMailTransport } from './mail-transport.ts'
import { noteBroken } from './parked-mails.ts'
import { sendQueuedMail } from './send-queued-mail.ts'

export interface Mailer extends AsyncDisposable {
  /** Says that a mail was just queued. Returns at once. */
  wake(): void
  /** Deletes the mails about a person where they are files. */
  forget(userId: string): Promise<void>
  /** Deletes files of mails that are old, or about people who are gone. */
  sweep(): Promise<void>
}

export type MailerContext = Pick<UsersContext, 'pool' | 'sealer' | 'log' | 'config' | 'limits'> & {
  metrics: Metrics
  /** Nothing is taken while this says no: the queue may still have to be migrated. */
  isReady: () => boolean
}

const atOnce = 5
const pollEveryMs = 2_000
/** A mail server may keep one waiting; what is under way then is taken again by another node. */
const patienceMs = 3_000

/**
 * Sends what is queued: at least once, however many nodes do so, and goes on trying for a day while the mail server is
 * away. What a dying node had taken is taken again after three minutes, and parked when that has happened too often. Disposing lets what is under way finish, for three seconds.
 */
export function createMailer(ctx: MailerContext): Mailer {
  const ending = new AbortController()
  const transport = openMailTransport(ctx.config)
  const outlet = { transport, figures: mailFigures(ctx.metrics) }
  ctx.log.info(`Mail is ${ctx.config.SMTP_URL ? 'sent through' : 'written to'} ${transport.place}`)
  const waker = createWaker()
  const tell = (what: string, error: unknown) =>
    ctx.log[isUnavailable(error) ? 'warn' : 'error'](what, { error })
  const round = async () => {
    const mails = ctx.isReady() ? await takeMails(ctx.pool, atOnce) : []
    await Promise.all(
      mails.map((mail) =>
        sendQueuedMail(ctx, outlet, mail).catch(async (error) => {
          tell('A queued mail could not be handled', error)
          await noteBroken(ctx.pool, mail.id, error).catch(() => {})
        }),
      ),
    )
    if (mails.length < atOnce) await waker.wait(pollEveryMs)
  }
  const run = async () => {
    let failures = 0
    while (!ending.signal.aborted) {
      try {
        await round()
        failures = 0
      } catch (error) {
        if (failures === 0) tell('Mails could not be taken from the queue', error)
        failures += 1
        await pause(500 + fullJitter(failures), ending.signal)
      }
    }
  }
  const running = run()
  return {
    wake: waker.wake,
    forget: (userId) => transport.forget(userId),
    sweep: () => transport.sweep((userIds) => findDeleted(ctx.pool, userIds)),
    async [Symbol.asyncDispose]() {
      ending.abort()
      waker.wake()
      await within(patienceMs, running)
      transport[Symbol.dispose]()
    },
  }
}

async function findDeleted(pool: UsersContext['pool'], userIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM users WHERE id = ANY($1::uuid[]) AND deleted_at IS NOT NULL',
    [userIds],
  )
  return rows.map(({ id }) => id)
}

/** Wakes whoever waits, or the next to wait if nobody does. */
interface Waker {
  wake(): void
  /** Resolves when woken, at the latest after `ms` milliseconds. */
  wait(ms: number): Promise<void>
}

function createWaker(): Waker {
  let isWoken = false
  let wakeUp = () => {}
  return {
    wake() {
      isWoken = true
      wakeUp()
    },
    async wait(ms) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          wakeUp = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      isWoken = false
    },
  }
}
