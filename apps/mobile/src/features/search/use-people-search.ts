import type { PublicUser } from '@finnigram/contracts'
import { useEffect, useMemo, useState } from 'react'
import type { PlainText } from '../../i18n/en.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import { usePeople } from '../people/use-people.ts'

type PeopleSearch = {
  query: string
  people: readonly PublicUser[]
  state: 'idle' | 'searching' | 'done' | 'failed'
  /** Why the search failed. */
  problem: PlainText | null
}

const idle: PeopleSearch = { query: '', people: [], state: 'idle', problem: null }

/** People search as one types: debounced by 150 ms; a stale answer is dropped. */
export function usePeopleSearch(query: string): PeopleSearch {
  const client = useClient()
  const [search, setSearch] = useState<PeopleSearch>(idle)
  useEffect(() => {
    if (query === '') {
      setSearch(idle)
      return
    }
    let current = true
    setSearch((before) => ({ ...before, query, state: 'searching', problem: null }))
    const timer = setTimeout(async () => {
      const next = await client.people.search(query).then(
        (found) => ({ people: found, state: 'done', problem: null }) as const,
        (error: unknown) => ({ people: [], state: 'failed', problem: problemMessage(error) }) as const,
      )
      if (current) setSearch({ query, ...next })
    }, 150)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [client, query])
  const { personOf } = usePeople(useMemo(() => search.people.map(({ id }) => id), [search.people]))
  // A profile may change while it is in the results.
  const people = useMemo(
    () => search.people.map((found) => personOf(found.id) ?? found),
    [search.people, personOf],
  )
  return { ...search, people }
}
