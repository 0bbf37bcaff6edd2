import type { Pictures } from '@finnigram/images'
import type {
  Bulkhead,
  HttpContext,
  InternalClient,
  Parked,
  Places,
  RedisLink,
  Relay,
  TokenVerifier,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { FileStore } from './attachments/store/file-store.ts'
import type { DiskSpace } from './attachments/uploads/disk-space.ts'
import type { MessagesConfig } from './config.ts'
import type { PrismaClient } from './generated/client.ts'
import type { MarkerBatcher } from './markers/marker-batcher.ts'
import type { Newcomers } from './people/newcomers.ts'
import type { Stemmer } from './search/stemmer.ts'
import type { SendBatcher } from './sends/send-batcher.ts'

/** What every use case of this service may reach. */
export interface MessagesContext extends HttpContext {
  readonly config: MessagesConfig
  readonly pool: pg.Pool
  /** The same pool, for reads that are not asked often. */
  readonly prisma: PrismaClient
  /** Where the bytes of attachments lie. */
  readonly files: FileStore
  readonly pictures: Pictures
  /** Who fetches files. */
  readonly downloads: Places
  /** The disk of FILES_DIR. */
  readonly disk: DiskSpace
  readonly redis: RedisLink
  /** The users service. */
  readonly users: InternalClient
  readonly relay: Relay
  /** What kept failing and was set aside. */
  readonly parked: Parked
  readonly tokens: TokenVerifier
  readonly sends: SendBatcher
  /** Where syncs wait for one another, so that thousands who come back at once leave the database to everyone else, too. */
  readonly syncs: Bulkhead
  readonly markers: MarkerBatcher
  readonly newcomers: Newcomers
  readonly stemmer: Stemmer
}
