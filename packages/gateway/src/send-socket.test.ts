import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { readStopOf, requireReadStop } from './send-socket.ts'

test('this Node can stop reading a socket', async () => {
  await requireReadStop()
})

test('a socket without a handle, or with one that cannot stop, is no error', () => {
  expect(readStopOf(new Socket())).toBeUndefined()
  expect(readStopOf({ _handle: {} })).toBeUndefined()
})
