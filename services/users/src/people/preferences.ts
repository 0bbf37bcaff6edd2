import { defaultPreferences, Preferences, usersApi } from '@finnigram/contracts'
import type { z } from 'zod'

const PreferencesChange = usersApi.updateMe.body.shape.preferences.unwrap()
export type PreferencesChange = z.output<typeof PreferencesChange>

/** Preferences with some of them changed. */
export function changePreferences(present: Preferences, change: PreferencesChange): Preferences {
  return { ...present, ...change, notifications: { ...present.notifications, ...change.notifications } }
}

/** Stored preferences, with defaults for those that did not exist when they were written. */
export function toPreferences(stored: unknown): Preferences {
  const whole = Preferences.safeParse(stored)
  if (whole.success) return whole.data
  return changePreferences(defaultPreferences, PreferencesChange.parse(stored))
}
