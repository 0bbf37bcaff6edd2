import { createMemoryStore, type NetworkSource, type SessionStorage, type Store } from '@finnigram/client'
import { deleteItemAsync, getItem, getItemAsync, setItem, setItemAsync } from 'expo-secure-store'
import { AppState, Platform } from 'react-native'

/** Phones report the foreground; whether there is a network shows by trying. */
export const deviceNetwork: NetworkSource = {
  current: () => ({ online: true, foreground: AppState.currentState !== 'background' }),
  subscribe(listener) {
    const subscription = AppState.addEventListener('change', listener)
    return () => subscription.remove()
  },
}

/**
 * @NOTE Phones keep messages in memory only. After a restart they are fetched again, and unsent
 * messages are lost.
 */
export const createLocalStore = (): Store => createMemoryStore()

/** SecureStore allows letters, digits and `.-_` in keys. */
const keyOf = (key: string) => key.replace(/[^\w.-]/g, '_')

/** The session, in the phone's keychain. */
export const sessionStorage: SessionStorage = {
  get: (key) => getItemAsync(keyOf(key)),
  set: (key, value) => setItemAsync(keyOf(key), value),
  remove: (key) => deleteItemAsync(keyOf(key)),
}

/** Name of this device in the list of sessions. */
export const thisDevice = {
  name: Platform.OS === 'ios' ? 'iPhone or iPad' : 'Android',
  platform: Platform.OS,
}

/** Small values of this device. */
export const deviceStorage = {
  read: (key: string): string | null => getItem(key),
  write: (key: string, value: string): void => setItem(key, value),
}
