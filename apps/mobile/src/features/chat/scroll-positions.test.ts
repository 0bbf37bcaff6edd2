import type { SessionState } from '@finnigram/client'
import { expect, test } from 'vitest'
import { scrollPositions } from './scroll-positions.ts'

const position = { key: 'm1', offset: -8 }

function aClient() {
  const session = { state: { status: 'signedOut' } as SessionState }
  const signIn = (id: string) => {
    session.state = { status: 'signedIn', user: { id } } as SessionState
  }
  return { client: { session } as Parameters<typeof scrollPositions>[0], signIn }
}

test('a chat reopens at its position; another user never gets it', () => {
  const { client, signIn } = aClient()
  signIn('ada')
  scrollPositions(client).set('c', position)
  expect(scrollPositions(client).get('c')).toBe(position)
  signIn('grace')
  expect(scrollPositions(client).get('c')).toBeUndefined()
})

test('beyond the bound the oldest position is dropped', () => {
  const { client, signIn } = aClient()
  signIn('ada')
  const positions = scrollPositions(client)
  for (let count = 0; count <= 200; count += 1) positions.set(`c${count}`, position)
  expect([positions.get('c0'), positions.get('c1')]).toEqual([undefined, position])
})
