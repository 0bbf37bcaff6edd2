import { readEventData, readsStream } from '@finnigram/contracts'
import { createConsumer } from '@finnigram/service-kit'
import type { RealtimeBase } from '../open-base.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { clearRead } from './clear-read.ts'
import { openJobQueue } from './job-queue.ts'
import { type HopelessJob, parkedJobs } from './parked-jobs.ts'
import { parkedMessages, pushGroup } from './parked-messages.ts'
import { startPlanner } from './planner.ts'
import type { PushContext } from './push-context.ts'
import { createPushFigures } from './push-metrics.ts'
import { createPushKeys } from './push-keys.ts'
import { createPushTests } from './push-tests.ts'
import { openExpoClient } from './send/expo-client.ts'
import { startSenders } from './send/send-loop.ts'
import { openShownBook } from './notification-state.ts'
import { tickOf } from './tick-of.ts'

/** Notifies the devices that a message has not reached. Waits for nothing: what is away is waited for in the background. */
export function createPush(base: RealtimeBase, parts: AsyncDisposableStack): PushContext {
  const { config, redis, log, metrics, users, messages, health, parked } = base
  const onParked = (jobs: readonly HopelessJob[]) => {
    ctx.figures.parked.inc({ kind: 'push' }, jobs.length)
    log.error('Notifications that come to no end are parked', { reasons: jobs.map(({ reason }) => reason) })
  }
  const ctx: PushContext = {
    config,
    redis,
    log,
    users,
    messages,
    figures: createPushFigures(metrics),
    acknowledgements: parts.use(createAcknowledgements({ redis, log, everyMs: tickOf(config) })),
    shown: openShownBook(redis, config.PUSH_APART_MS),
    queue: parts.use(openJobQueue(redis, { consumer: config.NODE_ID, onParked })),
    keys: createPushKeys(users),
    tests: createPushTests(redis),
    expo: parts.use(openExpoClient(config.EXPO_PUSH_URL, config.EXPO_ACCESS_TOKEN)),
  }
  parts.use(startSenders(ctx))
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
