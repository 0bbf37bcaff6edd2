import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type ClientRequest, request as openRequest } from 'node:http'
import { eventually, freePort } from '@finnigram/testing'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { openFileStorage } from './fixture/open-file-storage.ts'
import { startRestartableService } from './fixture/restartable-service.ts'
import { type Person, startTestMessages } from './fixture/start-test-messages.ts'
import { beginUpload, sendChunk } from './fixture/upload.ts'

/** A PNG of noise, 91 MiB large. */
const largePicture = () =>
  sharp(randomBytes(5640 * 5640 * 3), { raw: { width: 5640, height: 5640, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer()

const megabytesOf = async (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/**
 * The most memory that a process holds until this is disposed of, in MB, beyond what it has now.
 */
async function watchMemory(pid: number) {
  const before = await megabytesOf(pid)
  let most = before
  const looking = setInterval(async () => {
    most = Math.max(most, await megabytesOf(pid))
  }, 50)
  return { growth: () => most - before, [Symbol.dispose]: () => clearInterval(looking) }
}

test('14 pictures of 91 MiB that are finished together beside 600 half-sent chunks take less than 150 MB', {
  timeout: 300_000,
}, async () => {
  await using place = await openFileStorage('disk')
  await using messages = await startTestMessages({ env: place.env })
  const people = await messages.joinAll(7)
  await using node = await startRestartableService({ ...messages.env, PORT: String(await freePort()) })
  const bytes = await largePicture()
  // What one of them takes is there for good: code, threads, and what V8 and malloc keep.
  await finish(node, await messages.join(), bytes)
  using memory = await watchMemory(node.pid)

  const halves = await sendHalves(node, people, 600)
  const statuses = await Promise.all(
    Array.from({ length: 14 }, (_, i) => finish(node, people[i % 7] as Person, bytes)),
  )
  for (const half of halves) half.destroy()

  expect(new Set(statuses)).toEqual(new Set([204]))
  expect(memory.growth()).toBeLessThan(150)
})

/** Uploads a file until it is taken; the status of its last chunk. */
async function finish(node: { url: string }, person: Person, bytes: Uint8Array): Promise<number> {
  const begun = await beginUpload(node, person, { length: bytes.length, name: 'picture.png' })
  const location = begun.headers.get('location') ?? ''
  const first = await sendChunk(node, person, { location, offset: 0, bytes })
  if (first.status === 204) return 204
  let status = first.status
  await eventually(
    async () => {
      const again = await sendChunk(node, person, {
        location,
        offset: bytes.length,
        bytes: new Uint8Array(),
      })
      status = again.status
      expect(status).toBe(204)
    },
    { within: 240_000 },
  )
  return status
}

/** Begins so many chunks of a few uploads, each half sent. */
async function sendHalves({ url }: { url: string }, people: Person[], count: number) {
  const begun = await Promise.all(
    people.map(async (person) => {
      const { headers } = await beginUpload({ url }, person, { length: 2_000_000 })
      return { person, location: headers.get('location') ?? '' }
    }),
  )
  const half = Buffer.alloc(900_000)
  const halves: ClientRequest[] = []
  for (let i = 0; i < count; i += 1) {
    const { person, location } = begun[i % begun.length] as (typeof begun)[number]
    const sending = openRequest(url + location, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${person.token}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': 2_000_000,
      },
    })
    sending.on('error', () => {})
    sending.write(half)
    halves.push(sending)
  }
  return halves
}
