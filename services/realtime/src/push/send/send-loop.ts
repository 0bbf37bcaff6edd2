import { usersApi } from '@finnigram/contracts'
import {
  createMicroBatch,
  fullJitter,
  type InternalClient,
  type Logger,
  pause,
  within,
} from '@finnigram/service-kit'
import type { WithPushConfig, WithRedis } from '../deps.ts'
import type { WithPushKeys } from '../vapid.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { createReceipts } from './receipts.ts'
import { createRefusals } from './refusals.ts'
import type { SendDeps, SettleDeps } from './send-jobs.ts'
import { createWebPushSender } from './web-push-sender.ts'

/** Most messages in one call of Expo. */
const takeAtMost = 100
const blockMs = 5000
/** How long jobs in flight may take when the node stops, in milliseconds. */
const drainMs = 4000

/** How often this node does the upkeep of the shared queue, in milliseconds. */
const promoteEveryMs = 500
const takeOverEveryMs = 3000
const receiptsEveryMs = 30_000
const forgetOldEveryMs = 5000

/**
 * Takes jobs from the shared queue and sends them. Disposing stops taking, and waits for jobs in
 * flight.
 */
export function startSendLoop(ctx: SendDeps & WithPushConfig & WithPushKeys & WithRedis): AsyncDisposable {
  const ending = new AbortController()
  const forget = createDeviceRemover(ctx)
  const { expo } = ctx.expo
  const deps: SettleDeps = {
    ctx,
    forget,
    refusals: createRefusals(ctx.redis),
    receipts: createReceipts({ ...ctx, expo, forget }),
  }
  const webPush = createWebPushSender({
    keys: ctx.keys,
    subject: toSubject(ctx.config.PUBLIC_URL),
    allowPrivate: ctx.config.PUSH_ALLOW_PRIVATE,
  })
  const dispatcher = createDispatcher(deps, { webPush })
  const { signal } = ending
  const running = [
    takeJobs(ctx, { dispatcher, signal }),
    every(promoteEveryMs, signal, () => ctx.queue.promote()),
    every(takeOverEveryMs, signal, async () => {
      dispatcher.dispatch(await ctx.queue.takeOver(dispatcher.capacity))
      ctx.metrics.waiting.set(await ctx.queue.count())
    }),
    every(forgetOldEveryMs, signal, () => ctx.queue.forgetOld()),
    every(receiptsEveryMs, signal, () => deps.receipts.check()),
  ]
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      ctx.queue[Symbol.dispose]()
      await Promise.all(running)
      await within(drainMs, dispatcher.drained())
      webPush[Symbol.dispose]()
    },
  }
}

async function takeJobs(
  ctx: SendDeps & WithRedis,
  { dispatcher, signal }: { dispatcher: Dispatcher; signal: AbortSignal },
): Promise<void> {
  let isPrepared = false
  let failures = 0
  while (!signal.aborted) {
    try {
      if (!isPrepared) await ctx.queue.prepare()
      isPrepared = true
      if (dispatcher.capacity === 0) await dispatcher.slotFreed()
      else dispatcher.dispatch(await ctx.queue.take(Math.min(dispatcher.capacity, takeAtMost), blockMs))
      failures = 0
    } catch (error) {
      isPrepared = false
      failures += 1
      if (failures === 1 && ctx.redis.isUp && !signal.aborted)
        ctx.log.warn('Notifications cannot be taken from the queue', { error })
      await pause(20 + fullJitter(failures, { maxMs: 2000 }), signal)
    }
  }
}

/** Repeats work until the end, whether or not it fails. */
async function every(ms: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await pause(ms, signal)
    if (!signal.aborted) await work().catch(() => {})
  }
}

/**
 * The contact for push services (RFC 8292): the public URL if it is `https:`, because some refuse
 * any other.
 */
const toSubject = (publicUrl: string | undefined): string =>
  publicUrl?.startsWith('https://') ? publicUrl : 'mailto:finnigram@example.com'

/**
 * Removes devices from the users service, many in one call. After a failure the next notification
 * finds out again.
 */
function createDeviceRemover({
  users,
  log,
}: {
  users: InternalClient
  log: Logger
}): (targetKey: string) => void {
  const forget = createMicroBatch<string, undefined>({
    maxSize: 1000,
    maxInFlight: 1,
    run: async (targetKeys) => {
      await users.call(usersApi.forgetPushDevices, { body: { targetKeys } })
      return targetKeys.map(() => undefined)
    },
  })
  return (targetKey) => {
    forget(targetKey).catch((error) => log.debug('A device could not be removed', { error }))
  }
}
