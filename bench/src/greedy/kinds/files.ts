import { randomFillSync } from 'node:crypto'
import { request } from 'node:http'
import { crc32, deflateSync } from 'node:zlib'
import type { Answer } from '../caller.ts'
import { count, flood, type GreedyKind, type Push, rest } from '../greedy-kind.ts'

const tus = { 'tus-resumable': '1.0.0' }
const mebibyte = 2 ** 20

const begin = ({ caller, scene }: Push, length: number) =>
  caller.ask('POST /v1/uploads', {
    token: scene.account.token,
    headers: { ...tus, 'upload-length': String(length), 'upload-metadata': `filename ${btoa('a.png')}` },
  })

const chunkHeaders = (length: number, offset = 0) => ({
  ...tus,
  'content-type': 'application/offset+octet-stream',
  'content-length': String(length),
  'upload-offset': String(offset),
})

interface Chunk {
  location: string
  body: Buffer
  offset?: number
}

const sendChunk = ({ caller, scene }: Push, { location, body, offset }: Chunk): Promise<Answer> =>
  caller.ask(`PATCH ${location}`, {
    token: scene.account.token,
    body,
    headers: chunkHeaders(body.length, offset),
  })

/**
 * Large pictures: many that lack only their last byte are finished at the same moment, then whole
 * ones without end.
 */
export const pictures: GreedyKind = {
  name: 'pictures',
  async prepare(push) {
    // As large as may be, unless there is no time for that: some 90, 25 or 12 MB.
    const { seconds } = push.scene
    const side = seconds >= 30 ? 5_500 : seconds >= 6 ? 2_900 : 2_000
    const picture = makePng(side, side, { isNoise: true })
    const unfinished: Chunk[] = []
    for (let n = 0; n < (seconds >= 30 ? 14 : 8); n += 1) {
      const bytes = varyPng(picture, n)
      const { location } = await begin(push, bytes.length)
      const offset = bytes.length - 1
      await sendChunk(push, { location, body: bytes.subarray(0, offset) })
      unfinished.push({ location, body: bytes.subarray(offset), offset })
    }
    return () =>
      flood(push, unfinished.length, async (n) => {
        const almost = unfinished[n]
        if (almost) return sendChunk(push, almost)
        const body = varyPng(picture, n)
        const begun = await begin(push, body.length)
        return begun.status === 201 ? sendChunk(push, { location: begun.location, body }) : begun
      })
  },
}

/** Chunks of one upload that begin and never end. */
export const halfSent: GreedyKind = {
  name: 'half-sent chunks',
  async prepare(push) {
    const { location } = await begin(push, 90 * mebibyte)
    const half = Buffer.alloc(900_000, 'half')
    return async () => {
      const work = async () => {
        while (!push.signal.aborted) {
          const status = await hangWith(push, location, half)
          if (status === 0) push.tally.broken += 1
          else count(push.tally, status)
          await rest(status === 429 ? 1_000 : 20, push.signal)
        }
      }
      await Promise.all(Array.from({ length: 600 }, work))
    }
  },
}

/**
 * Sends a beginning and holds the connection; settles with the status the server had enough with,
 * or at the signal.
 */
function hangWith({ scene, signal }: Push, path: string, beginning: Buffer): Promise<number> {
  const { hostname: host, port } = new URL(scene.url)
  return new Promise((resolve) => {
    const asking = request({
      host,
      port,
      path,
      method: 'PATCH',
      agent: false,
      localAddress: scene.account.address,
      headers: { authorization: `Bearer ${scene.account.token}`, ...chunkHeaders(8 * mebibyte) },
    })
    const end = () => asking.destroy()
    signal.addEventListener('abort', end, { once: true })
    asking.once('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
      asking.destroy()
    })
    asking.on('error', () => resolve(0))
    asking.once('close', () => {
      signal.removeEventListener('abort', end)
      resolve(0)
    })
    asking.write(beginning)
  })
}

/** Forty copies of the same chunk at once, of which one counts. */
export const sameChunks: GreedyKind = {
  name: 'same chunk, 40 ×',
  async prepare(push) {
    const bytes = Buffer.alloc(3 * mebibyte, 'same')
    return () =>
      flood(push, 1, async () => {
        // One byte more than ever comes: it stays unfinished.
        const begun = await begin(push, bytes.length + 1)
        if (begun.status !== 201) return begun
        const answers = await Promise.allSettled(
          Array.from({ length: 40 }, () => sendChunk(push, { location: begun.location, body: bytes })),
        )
        for (const one of answers) {
          if (one.status === 'fulfilled') count(push.tally, one.value.status)
          else push.tally.broken += 1
        }
        return begun
      })
  },
}

/**
 * Pictures of oneself and of a group: noise near the largest size, and few bytes that are many
 * pixels.
 */
export const avatars: GreedyKind = {
  name: 'avatars',
  async prepare(push) {
    const { account, conversationId } = push.scene
    const noise = makePng(1_300, 1_300, { isNoise: true })
    const wide = makePng(7_000, 7_000, { isNoise: false })
    return () =>
      flood(push, 8, (n) => {
        const path = n % 2 === 0 ? '/v1/users/me/avatar' : `/v1/conversations/${conversationId}/avatar`
        const body = varyPng(n % 4 < 2 ? noise : wide, n)
        return push.caller.ask(`PUT ${path}`, {
          token: account.token,
          body,
          headers: { 'content-type': 'image/png' },
        })
      })
  },
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * A picture of `width` × `height` pixels: noise, three bytes a pixel, or one colour, almost none.
 */
function makePng(width: number, height: number, { isNoise }: { isNoise: boolean }): Buffer {
  const row = 1 + 3 * width
  const pixels = Buffer.alloc(row * height)
  if (isNoise) {
    randomFillSync(pixels)
    for (let y = 0; y < height; y += 1) pixels[y * row] = 0
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits a channel, RGB.
  header.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(pixels, { level: isNoise ? 0 : 1 })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The same picture as other bytes, so that a server that keeps equal files once keeps it again. */
function varyPng(png: Buffer, n: number): Buffer {
  const end = png.length - 12
  const note = chunk('tEXt', Buffer.from(`Comment\0${n}-${Math.random()}`))
  return Buffer.concat([png.subarray(0, end), note, png.subarray(end)])
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length, 0)
  head.write(type, 4, 'latin1')
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0)
  return Buffer.concat([head, data, sum])
}
