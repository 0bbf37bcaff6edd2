import type { NetworkSource, SessionStorage, Store } from '@finnigram/client'
import { createMemoryStore } from '@finnigram/client'
import { deleteItemAsync, getItem, getItemAsync, setItem, setItemAsync } from 'expo-secure-store'
import { AppState, Platform } from 'react-native'

/** Phones tell when the app comes to the front; whether the network is there shows by trying. */
export const deviceNetwork: NetworkSource = {
  current: () => ({ online: true, foreground: AppState.currentState !== 'background' }),
  subscribe(listener) {
    const subscription = AppState.addEventListener('change', listener)
    return () => subscription.remove()
  },
}

/** @NOTE Phones keep messages in memory only: after a restart they are fetched again, and what was queued is lost. */
export const createLocalStore = (): Store => createMemoryStore()

/** SecureStore takes letters, digits and `.-_` in keys. */
const keyOf = (key: string) => key.replace(/[^\w.-]/g, '_')

/** The session in the keychain of the phone. */
export const sessionStorage: SessionStorage = {
  get: (key) => getItemAsync(keyOf(key)),
  set: (key, value) => setItemAsync(keyOf(key), value),
  remove: (key) => deleteItemAsync(keyOf(key)),
}

/** How this device is named in the list of sessions. */
export const thisDevice = {
  name: Platform.OS === 'ios' ? 'iPhone or iPad' : 'Android',
  platform: Platform.OS,
}

/** Small values that belong to this device alone. */
export const deviceStorage = {
  read: (key: string): string | null => getItem(key),
  write: (key: string, value: string): void => setItem(key, value),
}
