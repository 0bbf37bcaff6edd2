import type { PublicUser } from '@finnigram/contracts'
import type {
  HttpContext,
  InternalClient,
  Parked,
  RedisLink,
  SessionGuard,
  TokenVerifier,
} from '@finnigram/service-kit'
import type { MoveMarker } from './client-events/marker-batcher.ts'
import type { Send } from './client-events/send-batcher.ts'
import type { RealtimeConfig } from './config.ts'
import type { Admission } from './connect/admission.ts'
import type { Crowd } from './connect/reconnect-window.ts'
import type { LoadMemberships } from './connect/load-memberships.ts'
import type { Strangers } from './connect/address-admission.ts'
import type { RealtimeServer } from './connection.ts'
import type { MarkerCollector } from './fan-out/markers.ts'
import type { TypingCollector } from './fan-out/typing.ts'
import type { JoinFloors } from './fan-out/join-floors.ts'
import type { Figures } from './metrics.ts'
import type { Presence } from './presence/presence.ts'
import type { PushContext } from './push/push-context.ts'

/** What everything in this service works with. */
export interface RealtimeContext extends HttpContext {
  readonly config: RealtimeConfig
  readonly redis: RedisLink
  readonly tokens: TokenVerifier
  readonly users: InternalClient
  /** What kept failing and was set aside. */
  readonly parked: Parked
  readonly io: RealtimeServer
  readonly figures: Figures
  readonly admission: Admission
  readonly strangers: Strangers
  readonly crowd: Crowd
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal
  readonly loadMemberships: LoadMemberships
  readonly send: Send
  readonly moveMarker: MoveMarker
  readonly floors: JoinFloors
  readonly guard: SessionGuard
  readonly markers: MarkerCollector
  readonly typing: TypingCollector
  readonly presence: Presence
  readonly push: PushContext
  /** The newest profile of each person of whom others are being told at this moment. */
  readonly profiles: Map<string, PublicUser>
  /** How often this node may have missed something of the streams. */
  readonly gaps: { count: number }
}
