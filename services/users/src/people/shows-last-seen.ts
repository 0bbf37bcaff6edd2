import { toPreferences } from './preferences.ts'

/** Whether others may know when a person was last seen. Who is whose contact is not known here, so `contacts` shows it to nobody: less than was asked for, never more. */
export const showsLastSeen = (preferences: unknown): boolean =>
  toPreferences(preferences).lastSeen === 'everyone'
