import type { PublicUser } from '@finnigram/contracts'
import { useEffect, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'

type PeopleSearch = {
  query: string
  people: readonly PublicUser[]
  state: 'idle' | 'searching' | 'done' | 'failed'
}

const idle: PeopleSearch = { query: '', people: [], state: 'idle' }

/** People found for what is being typed. Asked after a short pause; an answer to an older query is dropped. */
export function usePeopleSearch(query: string): PeopleSearch {
  const { people } = useClient()
  const [search, setSearch] = useState<PeopleSearch>(idle)
  useEffect(() => {
    if (query === '') {
      setSearch(idle)
      return
    }
    let current = true
    setSearch((before) => ({ ...before, query, state: 'searching' }))
    const timer = setTimeout(async () => {
      const found = await people.search(query).catch(() => null)
      if (!current) return
      setSearch({ query, people: found ?? [], state: found === null ? 'failed' : 'done' })
    }, 150)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [people, query])
  return search
}
