import type { PublicUser } from '@finnigram/contracts'
import { useEffect, useMemo, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { usePeople } from '../people/use-people.ts'

type PeopleSearch = {
  query: string
  people: readonly PublicUser[]
  state: 'idle' | 'searching' | 'done' | 'failed'
}

const idle: PeopleSearch = { query: '', people: [], state: 'idle' }

/** People found for what is being typed. Asked after a short pause; an answer to an older query is dropped. */
export function usePeopleSearch(query: string): PeopleSearch {
  const client = useClient()
  const [search, setSearch] = useState<PeopleSearch>(idle)
  useEffect(() => {
    if (query === '') {
      setSearch(idle)
      return
    }
    let current = true
    setSearch((before) => ({ ...before, query, state: 'searching' }))
    const timer = setTimeout(async () => {
      const found = await client.people.search(query).catch(() => null)
      if (!current) return
      setSearch({ query, people: found ?? [], state: found === null ? 'failed' : 'done' })
    }, 150)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [client, query])
  const { personOf } = usePeople(useMemo(() => search.people.map(({ id }) => id), [search.people]))
  // Somebody may change their name while they stand in the results.
  const people = useMemo(
    () => search.people.map((found) => personOf(found.id) ?? found),
    [search.people, personOf],
  )
  return { ...search, people }
}
