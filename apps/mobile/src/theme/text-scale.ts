/** Native text follows the system's text size by itself. */
export const textScale = 1
