import { readEventData, readsStream, realtimeApi } from '@finnigram/contracts'
import type { InternalClient, Logger, RedisLink, Route } from '@finnigram/service-kit'
import { createConsumer, route } from '@finnigram/service-kit'
import type { RealtimeConfig } from '../config.ts'
import type { RealtimeBase } from '../context.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { clearRead } from './clear-read.ts'
import type { JobQueue } from './job-queue.ts'
import { openJobQueue } from './job-queue.ts'
import { parkedMessages, pushGroup } from './message-entries.ts'
import type { NotificationState } from './notification-state.ts'
import { openNotificationState } from './notification-state.ts'
import { type FailedJob, parkedJobs } from './parked-jobs.ts'
import { startPlanner, tickOf } from './planner.ts'
import type { PushMetrics } from './push-metrics.ts'
import { createPushMetrics } from './push-metrics.ts'
import type { ExpoClient } from './send/expo.ts'
import { openExpoClient } from './send/expo.ts'
import { startSendLoop } from './send/send-loop.ts'
import type { PushTests } from './test-push.ts'
import { createPushTests, testPush } from './test-push.ts'
import type { PushKeys } from './vapid.ts'
import { createPushKeys } from './vapid.ts'

/** Notifies the devices that a message has not reached. Waits for nothing: what is away is waited for in the background. */
export function createPush(base: RealtimeBase, parts: AsyncDisposableStack): PushContext {
  const { config, redis, log, metrics, users, messages, health, parked } = base
  const onParked = (jobs: readonly FailedJob[]) => {
    ctx.metrics.parked.inc({ kind: 'push' }, jobs.length)
    log.error('Notifications that come to no end are parked', { reasons: jobs.map(({ reason }) => reason) })
  }
  const ctx: PushContext = {
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
export const pushRoutes = (push: Promise<PushContext>): readonly Route[] => [
  route(realtimeApi.getPushKey, async () => {
    const { publicKey } = await (await push).keys.get()
    return { publicKey }
  }),
  route(realtimeApi.testPush, async ({ actor, body }) => testPush(await push, actor, body), {
    limit: { name: 'push-test', points: 10, perSeconds: 3600, by: 'actor' },
  }),
]

/** What everything about notifications works with. */
export interface PushContext {
  readonly config: RealtimeConfig
  readonly redis: RedisLink
  readonly log: Logger
  readonly users: InternalClient
  readonly messages: InternalClient
  readonly metrics: PushMetrics
  readonly acknowledgements: Acknowledgements
  readonly notificationState: NotificationState
  readonly queue: JobQueue
  readonly keys: PushKeys
  readonly tests: PushTests
  readonly expo: ExpoClient
}
