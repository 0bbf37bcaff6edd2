/** A draft that the server does not have yet. */
export interface LocalDraft {
  text: string
  /**
   * When, by the clock on the wall, in milliseconds since 1970. Drafts of earlier versions have
   * none.
   */
  typedAt?: number
  /** When, by the monotonic clock; none where an earlier run of the app left it. */
  monotonic?: number
}

/** The clocks of a device, in milliseconds. */
export interface Clock {
  /** Time of day since 1970: may be wrong, and may be set meanwhile. */
  wall(): number
  /**
   * Time since some moment of this run: never goes back, and may stand still while the device
   * sleeps.
   */
  monotonic(): number
}

export const platformClock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() }

export interface DraftAges {
  typedNow(text: string): LocalDraft
  /** Milliseconds since a draft was typed, as well as this device can know. */
  ageOf(draft: LocalDraft): number
}

/**
 * How long ago drafts were typed. The monotonic clock cannot be set, but may not count sleep, and
 * means nothing after a restart. So the longer of two ages counts: by the wall clock, and by the
 * monotonic clock, from typing or from the start of this run. A wall clock that was set back makes
 * no draft look newer than it must be. One that was set ahead can make a draft look older.
 */
export function createDraftAges({ wall, monotonic }: Clock): DraftAges {
  const startedAt = monotonic()
  return {
    typedNow: (text) => ({ text, typedAt: wall(), monotonic: monotonic() }),
    ageOf(draft) {
      const sinceThen = monotonic() - (draft.monotonic ?? startedAt)
      return Math.max(0, sinceThen, wall() - (draft.typedAt ?? wall()))
    },
  }
}
