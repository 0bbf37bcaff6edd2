import { I18nManager } from 'react-native'

/** Whether the app is laid out from right to left. */
export const rightToLeft = I18nManager.isRTL
