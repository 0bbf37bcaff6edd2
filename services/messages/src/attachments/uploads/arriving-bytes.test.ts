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

test('a silent sender ends the body, and what came counts', async () => {
  await using exchange = await ask({ within: 100 })
  exchange.asking.write('a beginning')
  const [answer] = await once(exchange.asking, 'response')

  expect(await textOf(answer)).toBe('a beginning')
})

test('a trickling sender is cut off', async () => {
  await using exchange = await ask({ whole: 200 })
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

test('a sender below the least rate is reported as slow, and what came counts', async () => {
  let isSlow = false
  await using exchange = await ask({ within: 200, least: 1000, onSlow: () => (isSlow = true) })
  const dribbling = setInterval(() => exchange.asking.write('x'), 20)
  const [answer] = await once(exchange.asking, 'response')
  clearInterval(dribbling)

  expect(await textOf(answer)).toMatch(/^x+$/)
  expect(isSlow).toBe(true)
})

test('a fast enough sender may take many times as long', async () => {
  let isSlow = false
  await using exchange = await ask({ within: 60, least: 1, onSlow: () => (isSlow = true) })
  const answered = once(exchange.asking, 'response')
  for (let i = 0; i < 10; i += 1) {
    exchange.asking.write('x'.repeat(10))
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  const [answer] = await answered

  expect(await textOf(answer)).toBe('x'.repeat(100))
  expect(isSlow).toBe(false)
})

test('a body ends when it is aborted', async () => {
  const stopping = new AbortController()
  await using exchange = await ask({ signal: stopping.signal })
  exchange.asking.write('a beginning')
  setTimeout(() => stopping.abort(), 100)
  const [answer] = await once(exchange.asking, 'response')

  expect(await textOf(answer)).toBe('a beginning')
})
