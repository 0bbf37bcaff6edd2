import { newId, publicRoutes } from '@finnigram/contracts'
import { expect } from 'vitest'
import { done } from '../authorization/environment/person.ts'
import type { Attack } from './attack.ts'

const uuid = '01999999-9999-7999-8999-999999999999'
const letters = (text: string) => Buffer.from(text).toString('base64url')
const cursorOf = (place: unknown) => letters(JSON.stringify(place))

/** What may stand in the place of a time, of an id or of a name. */
const odd: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  8.64e15,
  8.64e15 + 1,
  2 ** 53,
  1e300,
  '',
  'x',
  'infinity',
  '0000-01-01T00:00:00.000Z',
  '0000-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00.000Z',
  `${uuid}\u0000`,
  'a\u0000b',
  '\ud800',
  '\udfff and more',
  uuid,
  uuid.toUpperCase(),
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  [],
  {},
  [[[[]]]],
]

/** Places of every shape a list of ours has, one part of them odd. */
const places = odd.flatMap((value) => [
  value,
  [value],
  [value, uuid],
  [1_700_000_000_000, value],
  ['2026-01-01T00:00:00.000Z', value],
  [false, value, uuid],
  [true, 1_700_000_000_000, value],
  [value, uuid, 1],
  [1_700_000_000_000, uuid, value],
  [1, value, 'name'],
  [1, 1, value],
])

const hostile = [
  ...new Set([
    ...places.map(cursorOf),
    '',
    '%00',
    '\u0000',
    'a\ud800',
    '=====',
    uuid,
    letters('{"__proto__":[1]}'),
    letters('[1,'),
    letters(`${'['.repeat(150)}${']'.repeat(150)}`),
    Buffer.from([0xff, 0xfe, 0x00, 0xc0, 0x80]).toString('base64url'),
    'A'.repeat(512),
    'A'.repeat(513),
    'A'.repeat(10_000),
  ]),
]

/** Where a list goes on is for its server to say. */
export const cursorAttacks: Attack[] = [
  {
    holds: 'a cursor that no list gave out is a mistake of the request, in every list there is',
    reference: 'ASVS 2.2.1, API8:2023',
    async run({ ask, ada, url }) {
      const body = { kind: 'group', title: 'Lists', userIds: [] }
      const { id } = await done<{ id: string }>(url, 'POST /v1/conversations', { token: ada.token, body })
      const lists = publicRoutes.filter(({ route }) => route.query && 'cursor' in route.query.shape)
      expect(lists.length).toBeGreaterThanOrEqual(9)
      for (const { route } of lists) {
        const path = route.path.replace(':conversationId', id)
        const answer = async (cursor: string) =>
          (await ask(`GET ${path}`, { token: ada.token, query: { cursor, q: 'word', query: 'word' } })).status
        const statuses = new Set<number>()
        for (let from = 0; from < hostile.length; from += 20)
          for (const status of await Promise.all(hostile.slice(from, from + 20).map(answer)))
            statuses.add(status)
        // Some of them are places that a list might have had.
        expect([path, [...statuses].filter((status) => status !== 200)]).toEqual([path, [400]])
      }
      const long = 'A'.repeat(100_000)
      for (const since of [...hostile, long]) {
        const reply = await ask('POST /v1/sync', {
          token: ada.token,
          body: { known: { [newId()]: 1 }, since },
        })
        expect([200, 400]).toContain(reply.status)
      }
    },
  },
]
