import type { SessionStorage } from '@finnigram/client'
import { deleteItemAsync, getItemAsync, setItemAsync } from 'expo-secure-store'

/** SecureStore takes letters, digits and `.-_` in keys. */
const keyOf = (key: string) => key.replace(/[^\w.-]/g, '_')

/** The session in the keychain of the phone. */
export const sessionStorage: SessionStorage = {
  get: (key) => getItemAsync(keyOf(key)),
  set: (key, value) => setItemAsync(keyOf(key), value),
  remove: (key) => deleteItemAsync(keyOf(key)),
}
