import { expect, test } from 'vitest'
import { eventsAtMost, type Membership, participantsAtMost, planSync } from './plan-sync.ts'

const member = (id: string, more: Partial<Membership> = {}): Membership => ({
  id,
  version: 10,
  compactedVersion: 0,
  participantCount: 10,
  joinedVersion: 1,
  changedAt: null,
  ...more,
})
const plan = (known: Record<string, number>, ...memberships: Membership[]) =>
  planSync(new Map(Object.entries(known)), memberships)

test('each conversation is answered by where the client stands', () => {
  const memberships = [
    member('new'),
    member('same'),
    member('behind'),
    member('ahead'),
    member('compacted', { compactedVersion: 5 }),
  ]
  expect(plan({ same: 10, behind: 7, ahead: 11, compacted: 4, unknown: 1 }, ...memberships)).toEqual({
    events: [{ id: 'behind', after: 7, until: 10 }],
    whole: ['new', 'behind', 'ahead', 'compacted'],
    reset: ['ahead', 'compacted'],
    removed: ['unknown'],
    upToDate: [memberships[1]],
    more: false,
  })
})

test('a later member continues from their joining, not from before', () => {
  const joined = member('a', { joinedVersion: 7 })
  expect(plan({ a: 6 }, joined)).toMatchObject({ events: [{ after: 6, until: 10 }], reset: [] })
  expect(plan({ a: 5 }, joined)).toMatchObject({ events: [], reset: ['a'], whole: ['a'] })
})

test('events beyond the budget wait, and an incomplete conversation is not sent whole', () => {
  const big = (id: string) => member(id, { version: 700 })
  const first = plan({ a: 0, b: 0, c: 699, gone: 0 }, big('a'), big('b'), big('c'))
  expect(first).toMatchObject({
    events: [
      { id: 'a', after: 0, until: 700 },
      { id: 'b', after: 0, until: eventsAtMost - 700 },
    ],
    whole: ['a'],
    removed: ['gone'],
    more: true,
  })
  expect(plan({ a: 700, b: 300, c: 699 }, big('a'), big('b'), big('c'))).toMatchObject({
    events: [{ id: 'b' }, { id: 'c' }],
    whole: ['b', 'c'],
    removed: [],
    more: false,
  })
})

test('a client that knows nothing of very many large groups gets them in several replies', () => {
  const groups = Array.from({ length: 450 }, (_, i) => member(`g${i}`, { participantCount: 1000 }))
  const known: Record<string, number> = {}
  const sizes: number[] = []
  for (let more = true; more; ) {
    const answer = plan(known, ...groups)
    sizes.push(answer.whole.length)
    for (const id of answer.whole) known[id] = 10
    more = answer.more
  }
  expect(sizes).toEqual([participantsAtMost / 100, participantsAtMost / 100, 50])
})
