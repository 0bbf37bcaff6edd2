import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { readStopOf, requireReadStop } from './send-socket.ts'

test('a connection of this Node can be told to stop reading', async () => {
  await requireReadStop()
})

test('a socket without a handle, or with one that cannot stop, is no error by itself', () => {
  expect(readStopOf(new Socket())).toBeUndefined()
  expect(readStopOf({ _handle: {} })).toBeUndefined()
})
