import { getLocales } from 'expo-localization'

/** The language tag (BCP 47) the person chose for this device. */
export const deviceLocale = getLocales()[0]?.languageTag ?? 'en'
