import type { PublicUser } from '@finnigram/contracts'
import { useMemo, useState } from 'react'

/** People chosen one by one, in that order; choosing someone again takes them out. */
export function useChosenPeople() {
  const [people, setPeople] = useState<readonly PublicUser[]>([])
  const ids = useMemo(() => new Set(people.map(({ id }) => id)), [people])
  const toggle = (person: PublicUser) =>
    setPeople((before) => {
      const without = before.filter(({ id }) => id !== person.id)
      return without.length < before.length ? without : [...before, person]
    })
  return { people, ids, toggle }
}
