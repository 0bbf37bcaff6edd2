import { createLogger, databaseEnv, openPool, readEnv } from '@finnigram/service-kit'
import { rotateKeys } from './keys/rotate-keys.ts'
import { tellRotation } from './keys/tell-rotation.ts'
import { createSealer } from './secrets/sealer.ts'
import { SecretsKey } from './secrets/secrets-key.ts'

const { DATABASE_URL, SECRETS_KEY } = readEnv(
  { DATABASE_URL: databaseEnv.DATABASE_URL, SECRETS_KEY: SecretsKey },
  process.env,
)
const log = createLogger({ service: 'users', nodeId: 'rotate-keys' })
await using pool = openPool({ url: DATABASE_URL, name: 'rotate-keys', log, max: 1 })
const atOnce = process.argv.includes('--now')
const rotation = await rotateKeys({ pool, sealer: createSealer(SECRETS_KEY) }, { atOnce })
process.stdout.write(tellRotation(rotation))
