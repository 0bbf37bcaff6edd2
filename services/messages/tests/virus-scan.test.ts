import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openFileStorage } from './fixture/open-file-storage.ts'
import { openFolder } from './fixture/open-folder.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'
import { attach, tus, upload } from './fixture/upload.ts'

const virus = Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*')

/** Speaks as clamd does: INSTREAM, chunks after their lengths, a verdict. */
async function startClamd(path: string, verdict: (bytes: Buffer) => string) {
  const server = createServer(async (socket: Socket) => {
    socket.on('error', () => {})
    let held = Buffer.alloc(0)
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      held = Buffer.concat([held, chunk])
      const bytes = readStream(held)
      if (bytes === undefined) continue
      socket.end(`stream: ${verdict(bytes)}\0`)
      return
    }
  })
  server.listen(path)
  await once(server, 'listening')
  return { [Symbol.asyncDispose]: async () => void server.close() }
}

/** The bytes of a complete INSTREAM; undefined as long as it is not. */
function readStream(held: Buffer): Buffer | undefined {
  const command = 'zINSTREAM\0'
  if (held.toString('latin1', 0, command.length) !== command) return undefined
  const chunks = []
  for (let at = command.length; at + 4 <= held.length; ) {
    const length = held.readUInt32BE(at)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(held.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}

const clamdVerdict = (bytes: Buffer) => (bytes.includes('EICAR') ? 'Eicar-Test-Signature FOUND' : 'OK')

test.each(['command', 'clamd'] as const)(
  'a file in which %s finds a virus is refused and deleted',
  async (kind) => {
    await using place = await openFileStorage('disk')
    await using folder = await openFolder()
    const script = join(folder.path, 'scan.sh')
    await writeFile(script, '#!/bin/sh\n[ "$1" = --strict ] || exit 9\n! grep -q EICAR "$2"\n')
    await chmod(script, 0o755)
    const socket = join(folder.path, 'clamd.sock')
    await using _clamd = await startClamd(socket, clamdVerdict)
    const env: Record<string, string> =
      kind === 'command' ? { SCAN_COMMAND: `${script} --strict` } : { CLAMD_SOCKET: socket }
    await using messages = await startTestMessages({ env: { ...place.env, ...env } })
    const alice = await messages.join('Alice')

    const { id, status, code } = await upload(messages.node, alice, { bytes: virus, name: 'eicar.com' })
    expect([status, code]).toEqual([415, 'unsupported_media_type'])
    expect((await tus(messages.node, `HEAD /v1/uploads/${id}`, { token: alice.token })).status).toBe(404)
    expect((await alice.call(`GET /v1/attachments/${id}`)).status).toBe(404)
    expect(await place.list()).toEqual([])

    const clean = randomBytes(300_000)
    expect((await attach(messages.node, alice, { bytes: clean })).size).toBe(300_000)
  },
)

test('a file that could not be scanned is not accepted, and can be retried', async () => {
  await using place = await openFileStorage('disk')
  await using folder = await openFolder()
  const socket = join(folder.path, 'clamd.sock')
  await using messages = await startTestMessages({ env: { ...place.env, CLAMD_SOCKET: socket } })
  const alice = await messages.join('Alice')
  expectLog(/./)

  const { id, status, code } = await upload(messages.node, alice, { bytes: Buffer.from('hello') })
  expect([status, code]).toEqual([503, 'unavailable'])
  expect((await alice.call(`GET /v1/attachments/${id}`)).status).toBe(404)
  {
    await using _broken = await startClamd(socket, () => 'INSTREAM size limit exceeded. ERROR')
    expect((await tus(messages.node, `HEAD /v1/uploads/${id}`, { token: alice.token })).status).toBe(503)
  }
  await using _clamd = await startClamd(socket, clamdVerdict)
  expect((await tus(messages.node, `HEAD /v1/uploads/${id}`, { token: alice.token })).status).toBe(200)
  expect((await alice.call(`GET /v1/attachments/${id}/info`)).status).toBe(200)
})
