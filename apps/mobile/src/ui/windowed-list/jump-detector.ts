/** Screens that may pass at once and still count as seen. */
const burstScreens = 2
/** Screens that may pass per second: above a hard flick, below a dragged scrollbar. */
const screensPerSecond = 16

/** Tells scrolling from jumping (End key, dragged scrollbar) by a token bucket of screens. */
export class JumpDetector {
  #left = burstScreens
  #at = 0

  /** Takes a move by so many screens at a time in milliseconds; returns whether it was seen. */
  wasSeen(screens: number, now: number): boolean {
    const left = Math.min(burstScreens, this.#left + ((now - this.#at) * screensPerSecond) / 1000)
    this.#at = now
    this.#left = Math.max(0, left - screens)
    return screens <= left
  }
}
