/** Language tag (BCP 47) of the browser. */
export const deviceLocale = navigator.language || 'en'

/** Whether the layout runs right to left. */
export const rightToLeft = document.documentElement.dir === 'rtl'
