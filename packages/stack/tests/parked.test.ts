import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ParkedOptions, runParked } from '../src/parked.ts'

/** What stands in for services is the wire alone: their routes are tested with them. */
const item = {
  kind: 'search',
  id: 'a.1',
  what: 'messages 1 to 1',
  reason: 'Error: x\n at y',
  at: '2026-01-01T00:00:00.000Z',
}
const asked: string[] = []
let items = [item]
let reply: object = { isDone: true, reason: null }
const server = createServer(async (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers['x-internal-token']} ${await text(request)}`)
  response.setHeader('content-type', 'application/json')
  if (request.url?.startsWith('/internal/parked?')) {
    response.end(JSON.stringify({ counts: { search: items.length }, items }))
  } else if (request.url === '/internal/parked/drop') response.writeHead(204).end()
  else response.end(JSON.stringify(reply))
})
let options: ParkedOptions
let written = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const urls = { users: url, messages: url, realtime: url }
  options = {
    urls,
    internalToken: 'secret',
    write: (more) => {
      written += more
    },
  }
})
afterAll(() => server.close())
beforeEach(() => {
  written = ''
  asked.length = 0
  items = [item]
})

test('parked items are listed with their reason, in words and as JSON', async () => {
  expect(await runParked([], options)).toBe(0)
  expect(written).toContain('messages search  a.1')
  expect(written).toContain('Error: x')
  written = ''
  expect(await runParked(['--json'], options)).toBe(0)
  expect(JSON.parse(written)).toMatchObject({
    counts: { users: { search: 1 } },
    items: [{ id: 'a.1' }, {}, {}],
  })
  expect(asked[0]).toContain('secret')
  items = []
  written = ''
  expect(await runParked([], options)).toBe(0)
  expect(written).toContain('Nothing is parked')
})

test('one is retried by its id and all by their kind; a new failure shows its reason and exit code', async () => {
  expect(await runParked(['retry', 'search'], options)).toBe(0)
  expect(asked.filter((line) => line.includes('/retry'))).toHaveLength(3)
  expect(asked.at(-1)).toContain('{"kind":"search","id":"a.1"}')
  reply = { isDone: false, reason: 'Error: still' }
  expect(await runParked(['retry', 'a.1'], options)).toBe(1)
  expect(written).toContain('failed again: Error: still')
  expect(await runParked(['drop', 'a.1'], options)).toBe(0)
})

test('unknown items and unknown commands have their own exit code', async () => {
  expect(await runParked(['retry', 'unknown'], options)).toBe(2)
  expect(await runParked(['drop', 'search'], options)).toBe(2)
  expect(await runParked(['explode'], options)).toBe(2)
  expect(written).toContain('npm run parked -- retry')
  const away = { ...options, urls: { ...options.urls, users: 'http://127.0.0.1:1' } }
  await expect(runParked([], away)).rejects.toThrow(/users cannot be reached/)
})
