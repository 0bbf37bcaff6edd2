import { createLogger, databaseEnv, openPool, readEnv } from '@finnigram/service-kit'
import { SecretsKey } from './config.ts'
import { loadVapidKeys } from './devices/vapid-keys.ts'
import { type Rotation, rotateKeys } from './keys/rotate-keys.ts'
import { createSealer } from './keys/sealer.ts'

const { DATABASE_URL, SECRETS_KEY } = readEnv(
  { DATABASE_URL: databaseEnv.DATABASE_URL, SECRETS_KEY: SecretsKey },
  process.env,
)
const log = createLogger({ service: 'users', nodeId: 'rotate-keys' })
await using pool = openPool({ url: DATABASE_URL, name: 'rotate-keys', log, max: 1 })
const atOnce = process.argv.includes('--now')
const store = { pool, sealer: createSealer(SECRETS_KEY) }
const rotation = await rotateKeys(store, { atOnce })
// Browser subscriptions are bound to the VAPID keys, so these are only sealed again if needed.
await loadVapidKeys(store)
process.stdout.write(describeRotation(rotation))

/** What the rotation did, for the operator. */
function describeRotation({ kid, activeFrom, wasWaiting, kept, removed }: Rotation): string {
  const time = `${activeFrom.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  if (removed.length > 0) {
    return `The new key ${kid} signs access tokens now.
Removed: ${removed.join(', ')}. Access tokens they signed are refused by every service within half a minute;
people stay signed in, as their devices refresh by themselves.
`
  }
  const present =
    kept.length > 0 ? `\nUntil the last token it signed has ended, this stays: ${kept.join(', ')}.` : ''
  return wasWaiting
    ? `A new key waits already: ${kid} signs access tokens from ${time} on. Nothing was changed.${present}\n`
    : `The new key ${kid} is published now, and signs access tokens from ${time} on.${present}\n`
}
