import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { onResponseClosed } from './request-signal.ts'

/** A response whose reader leaves when told to. */
async function open() {
  const arrived = Promise.withResolvers<ServerResponse>()
  const server = createServer((_request, response) => arrived.resolve(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const asking = request({ port: (server.address() as AddressInfo).port }).on('error', () => {})
  asking.end()
  return { response: await arrived.promise, leave: () => asking.destroy(), server }
}

test('callbacks run in order when a response closes, over one listener, late ones at once', async () => {
  const { response, leave, server } = await open()
  const before = response.listenerCount('close')
  const told: number[] = []
  for (let n = 0; n < 20; n += 1) onResponseClosed(response, () => told.push(n))
  expect(response.listenerCount('close')).toBe(before + 1)
  leave()
  await once(response, 'close')
  expect(told).toEqual(Array.from({ length: 20 }, (_, n) => n))
  onResponseClosed(response, () => told.push(20))
  expect(told.at(-1)).toBe(20)
  server.close()
})
