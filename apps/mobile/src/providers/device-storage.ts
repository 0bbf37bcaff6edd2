import { getItem, setItem } from 'expo-secure-store'

/** Small values that belong to this device alone. */
export const deviceStorage = {
  read: (key: string): string | null => getItem(key),
  write: (key: string, value: string): void => setItem(key, value),
}
