import { usersApi } from '@finnigram/contracts'
import type { InternalClient, Logger } from '@finnigram/service-kit'
import { fullJitter, pause, within } from '@finnigram/service-kit'
import { createMicroBatch } from '../../micro-batch.ts'
import type { WithPushConfig, WithRedis } from '../deps.ts'
import type { WithPushKeys } from '../vapid.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'

import { createReceipts } from './receipts.ts'
import { createRefusals } from './refusals.ts'
import type { SendDeps, SettleDeps } from './send-jobs.ts'
import { createWebPushSender } from './web-push-sender.ts'

/** Expo takes so many in one call. */
const takeAtMost = 100
const blockMs = 5000
/** How long what is under way may take when the node stops; after that it is for others. */
const drainMs = 4000

/** How often this node looks after what all nodes share, in milliseconds. */
const promoteEveryMs = 500
const takeOverEveryMs = 3000
const receiptsEveryMs = 30_000
const forgetOldEveryMs = 5000

/** Takes jobs from the queue and sends them, as one of all nodes. Disposing stops taking, and finishes what is under way. */
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

/** Does something again and again until the end, whether or not it works. */
async function every(ms: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await pause(ms, signal)
    if (!signal.aborted) await work().catch(() => {})
  }
}

/**
 * Whom push services may write to about what this server sends (RFC 8292): its own address where
 * that is one of the web, for some services refuse any other.
 */
const toSubject = (publicUrl: string | undefined): string =>
  publicUrl?.startsWith('https://') ? publicUrl : 'mailto:finnigram@example.com'

/** Tells the users service of devices that are gone, many in one call. Where that fails, the next notification finds out again. */
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
    forget(targetKey).catch((error) => log.debug('A device that is gone could not be forgotten', { error }))
  }
}
