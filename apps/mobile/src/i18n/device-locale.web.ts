/** The language tag (BCP 47) the person chose for this browser. */
export const deviceLocale = navigator.language || 'en'
