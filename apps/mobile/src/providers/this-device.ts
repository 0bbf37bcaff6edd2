import { Platform } from 'react-native'

/** How this device is named in the list of sessions. */
export const thisDevice = {
  name: Platform.OS === 'ios' ? 'iPhone or iPad' : 'Android',
  platform: Platform.OS,
}
