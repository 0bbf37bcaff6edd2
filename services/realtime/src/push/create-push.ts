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

/** All that the parts of push work with. */
export interface Push extends PlanDeps, SendDeps, WithPushConfig, WithPushKeys, WithRedis {}

/** Notifies the devices that a message has not reached. Waits for nothing: what is away is waited for in the background. */
export function createPush(host: PushHost, parts: AsyncDisposableStack): Push {
  const { config, redis, log, metrics, users, messages, health, parked } = host
  const onParked = (jobs: readonly FailedJob[]) => {
    ctx.metrics.parked.inc({ kind: 'push' }, jobs.length)
    log.error('Notifications that come to no end are parked', { reasons: jobs.map(({ reason }) => reason) })
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
      // What was read before anybody was notified takes nothing away.
      onReset: async () => {},
      reclaimAfterMs: 15_000,
      health,
    }),
  )
  parts.use(startPlanner(ctx))
  parked.add(reads.parked, parkedJobs(redis), parkedMessages(ctx))
  return ctx
}

/** What people ask about notifications. Served once `push` is there. */
export const pushRoutes = (push: Promise<Push>): readonly Route[] => [
  route(realtimeApi.getPushKey, async () => {
    const { publicKey } = await (await push).keys.get()
    return { publicKey }
  }),
  route(realtimeApi.testPush, async ({ actor, body }) => testPush(await push, actor, body), {
    limit: { name: 'push-test', points: 10, perSeconds: 3600, by: 'actor' },
  }),
]
