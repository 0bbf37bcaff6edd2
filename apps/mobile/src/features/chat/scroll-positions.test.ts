import type { SessionState } from '@finnigram/client'
import { expect, test } from 'vitest'
import { scrollPositions } from './scroll-positions.ts'

const place = { key: 'm1', offset: -8 }

function aClient() {
  const session = { state: { status: 'signedOut' } as SessionState }
  const signIn = (id: string) => {
    session.state = { status: 'signedIn', user: { id } } as SessionState
  }
  return { client: { session } as Parameters<typeof scrollPositions>[0], signIn }
}

test('a chat is found where it was left, and nobody finds where another person left theirs', () => {
  const { client, signIn } = aClient()
  signIn('ada')
  scrollPositions(client).set('c', place)
  expect(scrollPositions(client).get('c')).toBe(place)
  signIn('grace')
  expect(scrollPositions(client).get('c')).toBeUndefined()
})

test('the place that was left first makes room', () => {
  const { client, signIn } = aClient()
  signIn('ada')
  const places = scrollPositions(client)
  for (let count = 0; count <= 200; count += 1) places.set(`c${count}`, place)
  expect([places.get('c0'), places.get('c1')]).toEqual([undefined, place])
})
