import type { InternalClient, Logger, RedisLink } from '@finnigram/service-kit'
import type { RealtimeConfig } from '../config.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import type { JobQueue } from './job-queue.ts'
import type { PushFigures } from './push-metrics.ts'
import type { PushKeys } from './push-keys.ts'
import type { PushTests } from './push-tests.ts'
import type { ExpoClient } from './send/expo-client.ts'
import type { ShownBook } from './notification-state.ts'

/** What everything about notifications works with. */
export interface PushContext {
  readonly config: RealtimeConfig
  readonly redis: RedisLink
  readonly log: Logger
  readonly users: InternalClient
  readonly messages: InternalClient
  readonly figures: PushFigures
  readonly acknowledgements: Acknowledgements
  readonly shown: ShownBook
  readonly queue: JobQueue
  readonly keys: PushKeys
  readonly tests: PushTests
  readonly expo: ExpoClient
}
