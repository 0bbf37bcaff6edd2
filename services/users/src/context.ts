import type { Pictures } from '@finnigram/images'
import type { HttpContext, Parked, RedisLink, Relay, TokenVerifier } from '@finnigram/service-kit'
import type { WithHasher } from './auth/password-hasher.ts'
import type { UsersConfig } from './config.ts'
import type { WithMessages, WithPool, WithPrisma } from './deps.ts'
import type { WithExportSlots } from './export/export-slots.ts'
import type { WithKeys } from './keys/key-ring.ts'
import type { WithSealer } from './keys/sealer.ts'
import type { WithMailer } from './mail/mailer.ts'
import type { WithContacts } from './people/contacts.ts'
import type { WithLastSeen } from './people/last-seen.ts'

/**
 * Everything this service holds while it runs. Only the root (`service.ts`, `routes.ts`,
 * `maintenance.ts`) knows it whole; a feature declares what it needs (`deps.ts`).
 */
export interface UsersContext
  extends HttpContext,
    WithPool,
    WithPrisma,
    WithMessages,
    WithHasher,
    WithExportSlots,
    WithKeys,
    WithSealer,
    WithMailer,
    WithContacts,
    WithLastSeen {
  readonly config: UsersConfig
  readonly redis: RedisLink
  readonly relay: Relay
  readonly parked: Parked
  readonly pictures: Pictures
  readonly tokens: TokenVerifier
}
