import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { boundRestOfBody } from './connection-bounds.ts'

async function serve() {
  const server = createServer((incoming, response) => {
    response.once('close', () => boundRestOfBody(incoming, 50))
    response.end('answered')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() }
}

test('a client that goes on sending after the answer loses the connection', async () => {
  await using server = await serve()
  const asking = request({ port: server.port, method: 'POST', headers: { 'content-length': 1000 } })
  asking.on('error', () => {})
  asking.write('a beginning')
  const [response] = await once(asking, 'response')

  await once(response.resume().socket, 'close')
})

test('a body that has arrived is no reason to close the connection', async () => {
  await using server = await serve()
  const answer = await fetch(`http://127.0.0.1:${server.port}`, { method: 'POST', body: 'all of it' })

  expect(await answer.text()).toBe('answered')
})
