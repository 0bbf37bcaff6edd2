import { getLocales } from 'expo-localization'
import { I18nManager } from 'react-native'

/** Language tag (BCP 47) of the device. */
export const deviceLocale = getLocales()[0]?.languageTag ?? 'en'

/** Whether the layout runs right to left. */
export const rightToLeft = I18nManager.isRTL
