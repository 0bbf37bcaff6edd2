/** The language tag (BCP 47) the person chose for this browser. */
export const deviceLocale = navigator.language || 'en'

/** Whether the page is laid out from right to left. */
export const rightToLeft = document.documentElement.dir === 'rtl'
