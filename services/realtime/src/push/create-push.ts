import { readEventData, readsStream, realtimeApi } from '@finnigram/contracts'
import { createConsumer, type Route, route } from '@finnigram/service-kit'
import { createAcknowledgements } from './acknowledgements.ts'
import { clearRead } from './clear-read.ts'
import type { PushHost, WithPushConfig, WithRedis } from './deps.ts'
import { openJobQueue } from './job-queue.ts'
import { parkedMessages, pushGroup } from './message-entries.ts'
import { openNotificationState } from './notification-state.ts'
import { type FailedJob, parkedJobs } from './parked-jobs.ts'
import type { PlanDeps } from './plan-notifications.ts'
import { startPlanner, tickOf } from './planner.ts'
import { createPushMetrics } from './push-metrics.ts'
import { openExpoClient } from './send/expo.ts'
import type { SendDeps } from './send/send-jobs.ts'
import { startSendLoop } from './send/send-loop.ts'
import { createPushTests, testPush } from './test-push.ts'
import { createPushKeys, type WithPushKeys } from './vapid.ts'

/** The context of push, which satisfies the narrow dependencies of its parts. */
export interface Push extends PlanDeps, SendDeps, WithPushConfig, WithPushKeys, WithRedis {}

/**
 * Push: notifies devices that a message has not reached live.
 *
 * Promises: each message is planned by one node at least, `PUSH_DELAY_MS` after it was published,
 * and normally sent to a device once. A device that acknowledged it in that time gets nothing.
 * Notifications of one conversation replace each other, and reading on any device removes them from
 * all. What cannot be sent is retried for six hours.
 *
 * Procedure: `planner.ts` reads new messages as one consumer group of all nodes, and asks messages
 * for recipients and users for devices. It adds one job for each device to the shared queue
 * (`job-queue.ts`). `send/send-loop.ts` takes jobs on any node, drops those no longer needed, and
 * sends them by Expo or Web Push. `notification-state.ts` remembers what each device shows.
 *
 * Never: delays a message, keeps a text longer than its job, connects to a private address that a
 * browser named, or encrypts on the thread that serves sockets.
 *
 * Called by the composition root. The rest of the service only notes acknowledgements, and nothing
 * else of the service is used here but `PushHost`.
 */
export function createPush(host: PushHost, parts: AsyncDisposableStack): Push {
  const { config, redis, log, metrics, users, messages, health, parked } = host
  const onParked = (jobs: readonly FailedJob[]) => {
    ctx.metrics.parked.inc({ kind: 'push' }, jobs.length)
    log.error('Notifications that keep failing are parked', { reasons: jobs.map(({ reason }) => reason) })
  }
  const ctx: Push = {
    config,
    redis,
    log,
    users,
    messages,
    metrics: createPushMetrics(metrics),
    acknowledgements: parts.use(createAcknowledgements({ redis, log, everyMs: tickOf(config) })),
    notificationState: openNotificationState(redis, config.PUSH_APART_MS),
    queue: parts.use(openJobQueue(redis, { consumer: config.NODE_ID, onParked })),
    keys: createPushKeys(users),
    tests: createPushTests(redis),
    expo: parts.use(openExpoClient(config.EXPO_PUSH_URL, config.EXPO_ACCESS_TOKEN)),
  }
  parts.use(startSendLoop(ctx))
  const reads = parts.use(
    createConsumer({
      redis,
      log,
      metrics,
      streams: [readsStream],
      group: pushGroup,
      consumer: config.NODE_ID,
      events: readEventData,
      handlers: { 'conversation.read': (read) => clearRead(ctx, [read]) },
      batches: { 'conversation.read': (reads) => clearRead(ctx, reads) },
      // Reads from before the reset have no notification to remove.
      onReset: async () => {},
      reclaimAfterMs: 15_000,
      health,
    }),
  )
  parts.use(startPlanner(ctx))
  parked.add(reads.parked, parkedJobs(redis), parkedMessages(ctx))
  return ctx
}

/** Routes about notifications. They wait until `push` is open. */
export const pushRoutes = (push: Promise<Push>): readonly Route[] => [
  route(realtimeApi.getPushKey, async () => {
    const { publicKey } = await (await push).keys.get()
    return { publicKey }
  }),
  route(realtimeApi.testPush, async ({ actor, body }) => testPush(await push, actor, body), {
    limit: { name: 'push-test', points: 10, perSeconds: 3600, by: 'actor' },
  }),
]
