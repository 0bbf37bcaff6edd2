import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { request as openRequest } from 'node:http'
import { dirname, join } from 'node:path'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepFiles } from '../src/attachments/removal/sweep-files.ts'
import { readConfig } from '../src/config.ts'
import { type MessagesService, startMessages } from '../src/service.ts'
import { openFolder } from './fixture/open-folder.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, beginUpload, fetchFile, sendChunk, tus } from './fixture/upload.ts'

let folder: Awaited<ReturnType<typeof openFolder>>
let messages: TestMessages
let alice: Person
let bob: Person

beforeAll(async () => {
  folder = await openFolder()
  messages = await startTestMessages({ count: 2, env: { FILES_DIR: folder.path } })
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
})
afterAll(async () => {
  await messages[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Another node on the same database, with other settings. */
const another = (env: Record<string, string>) => startMessages(readConfig({ ...messages.env, ...env }))

const begin = async (who: Person, length: number, node: MessagesService = messages.node) =>
  (await beginUpload(node, who, { length })).headers.get('location') ?? ''

const offsetOf = async (who: Person, location: string) =>
  Number((await tus(messages.node, `HEAD ${location}`, { token: who.token })).headers.get('upload-offset'))

/** Sends the beginning of a chunk, and never the rest; the status of the answer. */
function sendHalf(who: Person, location: string, { half, length }: { half: Uint8Array; length: number }) {
  const sending = openRequest(messages.node.url + location, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${who.token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': length,
    },
  })
  const status = new Promise<number | undefined>((resolve) => {
    sending.on('response', (response) => resolve(response.statusCode)).on('error', () => resolve(undefined))
  })
  sending.write(half)
  return { status, hangUp: () => sending.destroy() }
}

test('a request for an upload ends the one before: its sender has come back', async () => {
  const bytes = randomBytes(400_000)
  const location = await begin(alice, bytes.length)
  const first = sendHalf(alice, location, { half: bytes.subarray(0, 300_000), length: bytes.length })
  await eventually(() => metricIs('places_held{places="uploads",service="messages"}', 1))
  const second = await sendChunk(messages.node, alice, { location, offset: 0, bytes })

  // The connection of the first is closed, whether or not its answer gets through.
  expect([204, undefined]).toContain(await first.status)
  expect([second.status, second.body?.code]).toEqual([409, 'conflict'])
  const offset = await offsetOf(alice, location)
  expect(offset).toBeGreaterThan(0)
  const rest = { location, offset, bytes: bytes.subarray(offset) }
  expect((await sendChunk(messages.node, alice, rest)).status).toBe(204)
  const path = location.replace('uploads', 'attachments')
  expect((await fetchFile(messages.node, alice, { path })).bytes.equals(bytes)).toBe(true)
})

test('of the same bytes sent many times at once only those that count stay on the disk', async () => {
  const bytes = randomBytes(3_000_000)
  const location = await begin(alice, bytes.length + 1)
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      sendChunk(messages.nodes[i % 2] ?? messages.node, alice, { location, offset: 0, bytes }),
    ),
  )
  expect(replies.map(({ status }) => status)).toContain(409)
  const { rows } = await messages.node.ctx.pool.query<{ key: string }>(
    'SELECT key FROM upload_pieces WHERE upload_id = $1',
    [location.split('/').at(-1)],
  )
  const sizes = await Promise.all(rows.map(async ({ key }) => (await stat(join(folder.path, key))).size))
  const { readdir } = await import('node:fs/promises')
  expect(await readdir(join(folder.path, location.replace('/v1/', '')))).toHaveLength(rows.length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(await offsetOf(alice, location))
})

test('a piece that a process stored before it died is swept', async () => {
  const location = await begin(alice, 10)
  const key = `${location.replace('/v1/', '')}/0-orphan`
  await mkdir(dirname(join(folder.path, key)), { recursive: true })
  await writeFile(join(folder.path, key), 'x')
  await messages.node.ctx.pool.query('INSERT INTO doomed_files (prefix, due) VALUES ($1, now())', [key])
  await sweepFiles(messages.node.ctx)

  await expect(stat(join(folder.path, key))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await offsetOf(alice, location)).toBe(0)
})

test('of nine chunks of one person at once the last is refused; other people are not affected', async () => {
  const locations = await Promise.all(Array.from({ length: 8 }, () => begin(alice, 100_000)))
  const halves = locations.map((location) =>
    sendHalf(alice, location, { half: Buffer.alloc(50_000), length: 100_000 }),
  )
  await eventually(() => metricIs('places_held{places="uploads",service="messages"}', 8))
  const chunk = { offset: 0, bytes: Buffer.from('hello') }
  const ninth = await sendChunk(messages.node, alice, { ...chunk, location: await begin(alice, 5) })
  expect([ninth.status, ninth.body.code]).toEqual([429, 'rate_limited'])
  expect(Number(ninth.headers.get('retry-after'))).toBeGreaterThan(0)
  const others = await sendChunk(messages.node, bob, { ...chunk, location: await begin(bob, 5) })
  expect(others.status).toBe(204)
  for (const { hangUp } of halves) hangUp()
  await eventually(() => metricIs('places_held{places="uploads",service="messages"}', 0))
})

test('a hundred uploads of a person may be unfinished', async () => {
  const carol = await messages.join('Carol')
  const begun = []
  for (let i = 0; i < 101; i += 1) begun.push(await beginUpload(messages.node, carol, { length: 1 }))

  expect(begun.filter(({ status }) => status === 201)).toHaveLength(100)
  expect(begun.at(-1)?.body.code).toBe('quota_exceeded')
})

test('so many bytes begin to come of a person in an hour', async () => {
  await using strict = await another({ RATE_LIMIT_SCALE: '0.000001' })
  const [dora, emil] = await Promise.all([messages.join('Dora'), messages.join('Emil')])
  const refused = await beginUpload(strict, dora, { length: 5000 })
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
  expect((await beginUpload(strict, emil, { length: 4000 })).status).toBe(201)
})

test('files are refused before the disk is full, and the service says so', async () => {
  await using full = await another({ DISK_RESERVE_BYTES: String(2 ** 50) })
  const refused = await beginUpload(full, alice, { length: 10 })
  expect([refused.status, refused.body.code]).toEqual([503, 'unavailable'])
  expect(refused.headers.get('retry-after')).toBe('10')
  const location = await begin(alice, 10)
  const chunk = await sendChunk(full, alice, { location, offset: 0, bytes: Buffer.alloc(10) })
  expect(chunk.status).toBe(503)
  const health = await fetch(`${full.url}/health/ready`)
  expect([health.status, await health.json()]).toMatchObject([
    200,
    { status: 'degraded', dependencies: { disk: { state: 'down' } } },
  ])
  expect(await (await fetch(`${full.url}/metrics`)).text()).toMatch(/files_disk_refused_total\{[^}]*\} 2/)
})

test('one file of a person is finished at a time, beside those of others', async () => {
  const log = join(folder.path, 'scans')
  const script = join(folder.path, 'scan.sh')
  await writeFile(script, `#!/bin/sh\nprintf '+' >> ${log}\nsleep 0.1\nprintf -- '-' >> ${log}\n`)
  await chmod(script, 0o755)
  await using scanning = await another({ SCAN_COMMAND: script })
  await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      attach(scanning, i % 2 === 0 ? alice : bob, { bytes: randomBytes(10 + i) }),
    ),
  )

  const steps = (await readFile(log, 'utf8')).split('')
  expect(steps).toHaveLength(16)
  let open = 0
  const most = Math.max(...steps.map((step) => (open += step === '+' ? 1 : -1)))
  expect(most).toBe(2)
})

async function metricIs(name: string, value: number): Promise<void> {
  const text = await (await fetch(`${messages.node.url}/metrics`)).text()
  expect(text).toContain(`${name} ${value}\n`)
}
