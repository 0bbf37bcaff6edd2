import type { ConversationView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'
import { useMemo } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { useConversations, useMe } from '../../providers/use-client-data.ts'
import { matchesQuery } from './matches-query.ts'
import { usePeopleSearch } from './use-people-search.ts'

type Matches = {
  chats: readonly ConversationView[]
  /** People I have no chat with yet. */
  people: readonly PublicUser[]
  /** Nothing fits, and everyone was asked. */
  none: boolean
  /** Why people could not be looked for. */
  problem: PlainText | null
}

/** Chats and people that fit what was typed; the newest chats for nothing. */
export function useMatches(query: string): Matches {
  const me = useMe()
  const conversations = useConversations()
  const search = usePeopleSearch(query)
  const chats = useMemo(() => {
    const named = ({ displayTitle, peer }: ConversationView) =>
      matchesQuery(`${displayTitle} ${peer?.username ?? ''}`, query)
    return conversations.filter(named).slice(0, shown)
  }, [conversations, query])
  const people = useMemo(() => {
    const known = new Set(chats.map(({ peer }) => peer?.id))
    return search.people.filter(({ id }) => id !== me.id && !known.has(id))
  }, [chats, search.people, me.id])
  const asked = search.state === 'done' && search.query === query
  const none = asked && chats.length === 0 && people.length === 0
  return { chats, people, none, problem: search.problem }
}

const shown = 30
