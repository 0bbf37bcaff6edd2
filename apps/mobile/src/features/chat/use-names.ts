import type { ConversationView, MessageView } from '@finnigram/client'
import { useCallback, useEffect, useMemo } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTopic } from '../../providers/use-topic.ts'
import { peopleIn } from './notice-words.ts'

type Heard = { items: readonly MessageView[]; typing: readonly string[] }

/** Names, by id, of those who speak in a conversation, even if they left it. */
export function useNames(conversation: ConversationView, { items, typing }: Heard) {
  const { t } = useI18n()
  const { people } = useClient()
  const me = useMe()
  const { participants } = conversation
  const members = useMemo(() => new Map(participants.map(({ user }) => [user.id, user])), [participants])
  const speakers = useMemo(() => [...new Set([...items.flatMap(peopleIn), ...typing])], [items, typing])
  const missing = speakers.filter((id) => !members.has(id) && people.get(id) === undefined).join(' ')
  useEffect(() => {
    // Offline, they stay nameless until the next try.
    if (missing !== '') void people.lookup(missing.split(' ')).catch(() => undefined)
  }, [people, missing])
  const known = useTopic(people, (part) => speakers.map((id) => part.get(id)?.displayName ?? '').join('\n'))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a name that came to be known is a new answer.
  return useCallback(
    (userId: string): string => {
      if (userId === me.id) return t('you')
      const user = members.get(userId) ?? people.get(userId)
      return user === undefined || user.deleted === true ? t('deletedAccount') : user.displayName
    },
    [members, people, me.id, t, known],
  )
}
