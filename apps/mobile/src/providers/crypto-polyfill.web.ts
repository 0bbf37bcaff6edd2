/** Browsers have `crypto`. */
export {}
