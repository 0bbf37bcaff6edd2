/** Whether the page is laid out from right to left. */
export const rightToLeft = document.documentElement.dir === 'rtl'
