import { getRandomValues, randomUUID } from 'expo-crypto'

/** Hermes has no `crypto`; message ids are made with it. */
if (globalThis.crypto === undefined) {
  Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues, randomUUID } })
}
