/** Browsers bring their own `crypto`. */
export {}
