import { getRandomValues, randomUUID } from 'expo-crypto'

/** Hermes lacks `crypto`, which message ids need. */
if (globalThis.crypto === undefined) {
  Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues, randomUUID } })
}
