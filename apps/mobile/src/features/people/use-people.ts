import type { PresenceView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'
import { useCallback, useEffect, useMemo } from 'react'
import { useI18n, useMinute } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe, useSubscription } from '../../providers/use-client-data.ts'

/** What is known of some people now. */
export type Names = {
  personOf: (userId: string) => PublicUser | undefined
  /** `You`, the name, or what stands for somebody who is gone, or not known yet. */
  nameOf: (userId: string) => string
}

/**
 * The people named, as the device knows them; whom it does not know is looked up. Both functions
 * are new when one of these people is.
 */
export function usePeople(userIds: readonly string[]): Names {
  const { t } = useI18n()
  const { people } = useClient()
  const me = useMe()
  const ids = useMemo(() => [...new Set(userIds)], [userIds])
  useEffect(() => people.meet(ids), [people, ids])
  const known = useSubscription(people, (part) => ids.map((id) => shownOf(part.get(id))).join('\n'))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a profile that changed is a new answer.
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

/** As a text, because two equal texts are the same value. */
const shownOf = (user: PublicUser | undefined): string =>
  user === undefined ? '' : `${user.deleted === true} ${user.username} ${user.avatarUrl} ${user.displayName}`

/** A person's presence in words; empty where it is not known. */
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
