import { randomBytes } from 'node:crypto'
import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { sweepFiles } from '../src/attachments/removal/sweep-files.ts'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, beginUpload, sendChunk, tus } from './fixture/upload.ts'

let place: FileStorage
let messages: TestMessages
let alice: Person

beforeAll(async () => {
  place = await openFileStorage('s3')
  messages = await startTestMessages({ count: 2, env: place.env })
  alice = await messages.join('Alice')
})
afterEach(async () => {
  await age('24 hours')
  await sweep()
  await age('24 hours')
  await sweep()
  expect(await place.list()).toEqual([])
  for (const table of ['uploads', 'upload_pieces', 'attachments', 'blobs', 'doomed_files']) {
    const { rows } = await messages.node.ctx.pool.query(`SELECT * FROM ${table}`)
    expect(rows, table).toEqual([])
  }
})
afterAll(async () => {
  await messages[Symbol.asyncDispose]()
  await place[Symbol.asyncDispose]()
})

/** All nodes sweep at once. */
const sweep = () => Promise.all(messages.nodes.map(({ ctx }) => sweepFiles(ctx)))

/** Lets time pass for everything about files. */
async function age(time: string): Promise<void> {
  const { pool } = messages.node.ctx
  await pool.query(
    `UPDATE uploads SET created_at = created_at - $1::interval, expires_at = expires_at - $1::interval`,
    [time],
  )
  await pool.query('UPDATE attachments SET created_at = created_at - $1::interval', [time])
  await pool.query('UPDATE doomed_files SET due = due - $1::interval', [time])
}

test('an upload that is not finished within a day goes, with its bytes', async () => {
  const begun = await beginUpload(messages.node, alice, { length: 3_000_000 })
  const location = begun.headers.get('location') ?? ''
  await sendChunk(messages.node, alice, { location, offset: 0, bytes: randomBytes(1_500_000) })
  await age('23 hours')
  await sweep()
  expect((await tus(messages.node, `HEAD ${location}`, { token: alice.token })).status).toBe(200)
  expect(await place.list()).toHaveLength(2)

  await age('1 hour')
  await sweep()
  expect((await tus(messages.node, `HEAD ${location}`, { token: alice.token })).status).toBe(404)
  expect(await place.list()).toEqual([])
})

test('a file that is not sent within a day goes; one that is, stays as long as its message', async () => {
  const [forgotten, sent] = [
    await attach(messages.node, alice, { bytes: randomBytes(2000) }),
    await attach(messages.node, alice, { bytes: randomBytes(2000) }),
  ]
  const chat = await messages.group(alice)
  const message = await alice.say(chat.id, 'look', { attachmentIds: [sent.id] })
  await age('48 hours')
  await sweep()
  expect((await alice.call(`GET /v1/attachments/${forgotten.id}/info`)).status).toBe(404)
  expect((await alice.call(`GET /v1/attachments/${sent.id}/info`)).status).toBe(200)

  await messages.node.ctx.pool.query('DELETE FROM attachment_uses WHERE message_id = $1', [message.id])
  await sweep()
  expect((await alice.call(`GET /v1/attachments/${sent.id}/info`)).status).toBe(404)
  expect(await place.list()).toEqual([])
})

test('bytes that a process stored and died before needing them go', async () => {
  const { ctx } = messages.node
  await ctx.files.put('blobs/ab/dead/original', randomBytes(10))
  await ctx.pool.query(
    `INSERT INTO doomed_files (prefix, due) VALUES ('blobs/ab/dead/', now() + interval '1 hour')`,
  )
  await sweep()
  expect(await place.list()).toEqual(['blobs/ab/dead/original'])

  await age('1 hour')
  await sweep()
  expect(await place.list()).toEqual([])
})

test('a deletion that a process began and died over is begun again', async () => {
  const { ctx } = messages.node
  await ctx.files.put('uploads/dead/0-x', randomBytes(10))
  await ctx.pool.query(
    `INSERT INTO doomed_files (prefix, due, claimed) VALUES ('uploads/dead/', now(), true)`,
  )
  await sweep()
  expect(await place.list()).toEqual([])
})

test('a file that is sent at the moment it is swept is there or the message is refused', async () => {
  const chat = await messages.group(alice)
  for (let round = 0; round < 5; round += 1) {
    const { id } = await attach(messages.node, alice, { bytes: randomBytes(100) })
    await age('24 hours')
    const [sent] = await Promise.all([
      alice.call<{ id: string }>(`POST /v1/conversations/${chat.id}/messages`, {
        id: crypto.randomUUID().replace(/^(.{14})./, '$17'),
        attachmentIds: [id],
      }),
      sweep(),
    ])
    const { status } = await alice.call(`GET /v1/attachments/${id}/info`)
    expect([
      [201, 200],
      [400, 404],
    ]).toContainEqual([sent.status, status])
    if (sent.status === 201) await alice.call(`DELETE /v1/messages/${sent.body.id}`)
  }
})

test('work folders of a crashed process are deleted after a day', async () => {
  const work = join(place.env['FILES_DIR'] ?? '', 'work')
  for (const name of ['file-old', 'file-new']) await mkdir(join(work, name), { recursive: true })
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
  await utimes(join(work, 'file-old'), yesterday, yesterday)
  await sweep()

  expect(await readdir(work)).toEqual(['file-new'])
})
