import { getLocales } from 'expo-localization'
import { I18nManager } from 'react-native'

/** The language tag (BCP 47) the person chose for this device. */
export const deviceLocale = getLocales()[0]?.languageTag ?? 'en'

/** Whether the app is laid out from right to left. */
export const rightToLeft = I18nManager.isRTL
