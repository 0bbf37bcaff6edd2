import type { Me } from '@finnigram/contracts'
import { toPreferences } from './preferences.ts'
import type { UserRow } from './user-row.ts'
import { toProfile } from './user-views.ts'

/** What a person sees of themselves. */
export function toMe(row: UserRow): Me {
  return {
    ...toProfile(row),
    lastSeenAt: row.lastSeenAt.toISOString(),
    email: row.email,
    emailVerified: row.emailVerified,
    pendingEmail: row.pendingEmail,
    totpEnabled: row.totpEnabled,
    preferences: toPreferences(row.preferences),
  }
}
