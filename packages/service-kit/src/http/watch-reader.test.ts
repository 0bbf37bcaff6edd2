import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { watchReader } from './answer.ts'

/** Answers with 100 MB, and looks every so many milliseconds whether somebody reads them. */
async function answering(within: number) {
  const endings: Promise<string>[] = []
  const send = async (response: ServerResponse) => {
    const stopWatching = watchReader(response, within)
    const bytes = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1_000_000)))
    return pipeline(bytes, response)
      .then(
        () => 'sent',
        () => 'cut',
      )
      .finally(stopWatching)
  }
  const server = createServer((_request, response) => void endings.push(send(response)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const asking = request({ port: (server.address() as AddressInfo).port }).on('error', () => {})
  asking.end()
  const [answer] = await once(asking, 'response')
  return {
    answer,
    endings,
    [Symbol.dispose]() {
      asking.destroy()
      server.close().closeAllConnections()
    },
  }
}

test('a reader that stalls is cut off', async () => {
  using exchange = await answering(100)
  exchange.answer.on('error', () => {})

  expect(await exchange.endings[0]).toBe('cut')
})

test('a slow reader is not, however long it takes', async () => {
  using exchange = await answering(1000)
  let size = 0
  for await (const chunk of exchange.answer) {
    size += chunk.length
    if (size % 5_000_000 < chunk.length) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  expect(size).toBe(100_000_000)
  expect(await exchange.endings[0]).toBe('sent')
})
