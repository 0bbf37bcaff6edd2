import type { PresenceView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'
import { useCallback, useEffect, useMemo } from 'react'
import { useI18n, useMinute } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe, useSubscription } from '../../providers/use-client-data.ts'

/** Lookups for a set of people. */
export type Names = {
  personOf: (userId: string) => PublicUser | undefined
  /** "You", the name, or a placeholder for deleted and unknown people. */
  nameOf: (userId: string) => string
}

/**
 * Current profiles of these people; the SDK fetches missing ones. Both functions change identity
 * when a profile changes.
 */
export function usePeople(userIds: readonly string[]): Names {
  const { t } = useI18n()
  const { people } = useClient()
  const me = useMe()
  const ids = useMemo(() => [...new Set(userIds)], [userIds])
  useEffect(() => people.meet(ids), [people, ids])
  const known = useSubscription(people, (part) => ids.map((id) => shownOf(part.get(id))).join('\n'))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed profile needs a new function.
  const personOf = useCallback((userId: string) => people.get(userId), [people, known])
  const nameOf = useCallback(
    (userId: string): string => {
      if (userId === me.id) return t('you')
      const user = personOf(userId)
      if (user === undefined) return t('someone')
      return user.deleted === true ? t('deletedAccount') : user.displayName
    },
    [personOf, me.id, t],
  )
  return { personOf, nameOf }
}

/** A string, because `useSyncExternalStore` compares by identity. */
const shownOf = (user: PublicUser | undefined): string =>
  user === undefined ? '' : `${user.deleted === true} ${user.username} ${user.avatarUrl} ${user.displayName}`

/** Presence as text; empty if unknown. */
export function usePresenceText({ status, lastSeenAt }: PresenceView): string {
  const { t, time } = useI18n()
  const now = useMinute()
  if (status === 'online') return t('online')
  if (status === 'away') return t('away')
  if (lastSeenAt === null) return status === 'offline' ? t('offline') : ''
  const seen = Date.parse(lastSeenAt)
  if (now - seen < 60_000) return t('lastSeenJustNow')
  return t('lastSeen', { when: time.short(seen, now) })
}
