import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { arrivingBytes } from './arriving-bytes.ts'

/** A server that answers what arrived of a body, and a request to it. */
async function ask(limits: Parameters<typeof arrivingBytes>[1]) {
  const server = createServer(async (incoming, response) => {
    const chunks = []
    for await (const chunk of arrivingBytes(incoming, limits)) chunks.push(chunk)
    response.end(Buffer.concat(chunks))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asking = request({ port, method: 'PATCH', headers: { 'content-length': 100 } })
  asking.on('error', () => {})
  return {
    server,
    asking,
    async [Symbol.asyncDispose]() {
      asking.destroy()
      server.close().closeAllConnections()
    },
  }
}

const textOf = async (answer: AsyncIterable<Buffer>) => {
  const chunks = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('a sender who falls silent is not waited for, and what came counts', async () => {
  await using exchange = await ask({ idle: 100 })
  exchange.asking.write('a beginning')
  const [answer] = await once(exchange.asking, 'response')

  expect(await textOf(answer)).toBe('a beginning')
})

test('a sender who dribbles is not listened to for ever', async () => {
  await using exchange = await ask({ idle: 5000, whole: 200 })
  const dribbling = setInterval(() => exchange.asking.write('x'), 20)
  const [answer] = await once(exchange.asking, 'response')
  clearInterval(dribbling)

  expect(await textOf(answer)).toMatch(/^x+$/)
})

test('a whole body is passed on as it is', async () => {
  await using exchange = await ask({})
  exchange.asking.end('y'.repeat(100))
  const [answer] = await once(exchange.asking, 'response')

  expect(await textOf(answer)).toBe('y'.repeat(100))
})
