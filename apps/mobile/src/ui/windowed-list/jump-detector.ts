/** Screens that may go by at one time and still have been on screen. */
const burstScreens = 2
/**
 * Screens that may go by in a second: a hard flick of the finger is slower, a pulled scrollbar is
 * not.
 */
const screensPerSecond = 16

/**
 * Tells scrolling, in which what goes by is on screen, from a jump: the End key, a pull at the
 * scrollbar.
 */
export class JumpDetector {
  #left = burstScreens
  #at = 0

  /**
   * The view moved by so many screens, at a time in milliseconds: whether what went by was on
   * screen.
   */
  wasSeen(screens: number, now: number): boolean {
    const left = Math.min(burstScreens, this.#left + ((now - this.#at) * screensPerSecond) / 1000)
    this.#at = now
    this.#left = Math.max(0, left - screens)
    return screens <= left
  }
}
