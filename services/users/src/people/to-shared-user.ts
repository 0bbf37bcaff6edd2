import { SharedPreferences, type UserEventData } from '@finnigram/contracts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/** What the other services keep of a person. When they were last seen is asked here each time: it changes, and not everyone may know. */
export function toSharedUser(row: UserRow): UserEventData['user.updated'] {
  const preferences = SharedPreferences.parse(toPreferences(row.preferences))
  const { reachable, version } = row
  return { user: toPublicUser(row), preferences, reachable, version }
}
