import type { PublicUser } from '@finnigram/contracts'
import { useMemo } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { useConversations, useMe } from '../../providers/use-client-data.ts'
import { usePeopleSearch } from '../search/use-people-search.ts'

type Suggestion = { people: readonly PublicUser[]; nothingFound: boolean; problem: PlainText | null }

/** People to choose from: those I talk with already, then whoever the query finds. Never me. */
export function useSuggestedPeople(query: string): Suggestion {
  const me = useMe()
  const conversations = useConversations()
  const search = usePeopleSearch(query)
  const known = useMemo(
    () => conversations.flatMap(({ peer }) => (peer === undefined || peer.deleted === true ? [] : [peer])),
    [conversations],
  )
  const people = (query === '' ? known : search.people).filter(({ id }) => id !== me.id)
  return {
    people,
    nothingFound: search.state === 'done' && search.query === query && people.length === 0,
    problem: search.problem,
  }
}
