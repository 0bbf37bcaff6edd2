import type { Pictures } from '@finnigram/images'
import type {
  HttpContext,
  InternalClient,
  Parked,
  RedisLink,
  Relay,
  TokenVerifier,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { PasswordHasher } from './auth/password-hasher.ts'
import type { UsersConfig } from './config.ts'
import type { ExportPlaces } from './export/export-slots.ts'
import type { PrismaClient } from './generated/client.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Sealer } from './keys/sealer.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Contacts } from './people/contacts.ts'
import type { SeenSessions } from './people/last-seen.ts'

/** What every use case of this service may reach. */
export interface UsersContext extends HttpContext {
  readonly config: UsersConfig
  readonly pool: pg.Pool
  /** The same pool, for everything that is not on the way of a login or a refresh. */
  readonly prisma: PrismaClient
  readonly redis: RedisLink
  readonly relay: Relay
  /** What kept failing and was set aside. */
  readonly parked: Parked
  readonly hasher: PasswordHasher
  readonly pictures: Pictures
  readonly exports: ExportPlaces
  readonly keys: KeyRing
  readonly sealer: Sealer
  readonly mailer: Mailer
  readonly seen: SeenSessions
  readonly tokens: TokenVerifier
  /** The messages service, which has what people wrote. */
  readonly messages: InternalClient
  readonly contacts: Contacts
}
