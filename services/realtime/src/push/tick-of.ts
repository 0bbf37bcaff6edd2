/** How often it is looked what is due, and written down what was acknowledged: once a second, or often enough for a shorter delay. */
export const tickOf = ({ PUSH_DELAY_MS }: { PUSH_DELAY_MS: number }): number =>
  Math.min(1000, Math.max(50, PUSH_DELAY_MS / 4))
