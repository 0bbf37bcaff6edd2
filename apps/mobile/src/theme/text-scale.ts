/** Native text scales by itself. */
export const textScale = 1
