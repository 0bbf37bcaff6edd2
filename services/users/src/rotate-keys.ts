import { createLogger, databaseEnv, openPool, readEnv } from '@finnigram/service-kit'
import { loadPushKeys } from './devices/vapid-keys.ts'
import { rotateKeys } from './keys/rotate-keys.ts'
import { createSealer } from './keys/sealer.ts'
import { tellRotation } from './keys/tell-rotation.ts'
import { SecretsKey } from './secrets/secrets-key.ts'

const { DATABASE_URL, SECRETS_KEY } = readEnv(
  { DATABASE_URL: databaseEnv.DATABASE_URL, SECRETS_KEY: SecretsKey },
  process.env,
)
const log = createLogger({ service: 'users', nodeId: 'rotate-keys' })
await using pool = openPool({ url: DATABASE_URL, name: 'rotate-keys', log, max: 1 })
const atOnce = process.argv.includes('--now')
const store = { pool, sealer: createSealer(SECRETS_KEY) }
const rotation = await rotateKeys(store, { atOnce })
// Not replaced: every browser that subscribed named them. Only sealed anew, if need be.
await loadPushKeys(store)
process.stdout.write(tellRotation(rotation))
