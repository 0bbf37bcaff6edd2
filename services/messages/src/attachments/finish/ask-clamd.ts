import { createReadStream } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Finding } from './scan-file.ts'

const patienceMs = 120_000

/** Has clamd look at a file (INSTREAM, of clamd(8)): at a path, or host:port. Rejects when it does not answer or cannot say. */
export async function askClamd(address: string, path: string): Promise<Finding> {
  const socket = connect(toOptions(address))
  socket.setTimeout(patienceMs, () => socket.destroy(new Error('clamd is silent')))
  const answered = text(socket)
  // It may refuse in the middle; then its answer says why, and the rest has nowhere to go.
  const sent = pipeline(() => framed(path), socket, { end: false })
  const [answer] = await Promise.all([answered, sent.catch(() => answered)])
  const said = answer.replace(/\0+$/, '').trim()
  if (said.endsWith(' OK')) return undefined
  const found = /: (.+) FOUND$/.exec(said)?.[1]
  if (found !== undefined) return found
  throw new Error(`clamd says: ${said || 'nothing'}`)
}

/** Chunks after their lengths; a length of zero ends them. */
async function* framed(path: string): AsyncGenerator<Buffer> {
  yield Buffer.from('zINSTREAM\0')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    yield lengthOf(chunk.length)
    yield chunk
  }
  yield lengthOf(0)
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

function toOptions(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('/')) return { path: address }
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}
