import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@finnigram/service-kit'
import type { MessagesConfig } from '../../config.ts'

/** The result of a scanner: undefined for a clean file, otherwise what was found in it. */
export type ScanResult = string | undefined

/**
 * Scans a file for viruses with the configured scanners, if any: a command, ClamAV's clamd. Throws
 * `unsupported_media_type` for an infected file, and `unavailable` when a scanner does not answer:
 * an unscanned file is not accepted.
 */
export async function scanFile(
  { SCAN_COMMAND, CLAMD_SOCKET }: Pick<MessagesConfig, 'SCAN_COMMAND' | 'CLAMD_SOCKET'>,
  path: string,
): Promise<void> {
  const results = await Promise.all([
    SCAN_COMMAND === undefined ? undefined : runScanner(SCAN_COMMAND, path),
    CLAMD_SOCKET === undefined ? undefined : askClamd(CLAMD_SOCKET, path),
  ]).catch((cause) => {
    throw new AppError('unavailable', {
      detail: 'The file could not be checked for viruses',
      retryAfter: 5,
      cause,
    })
  })
  if (results.some((found) => found !== undefined)) {
    throw new AppError('unsupported_media_type', { detail: 'The virus scanner does not let this file in' })
  }
}

const clamdTimeoutMs = 120_000

/**
 * Scans a file with clamd (INSTREAM, see clamd(8)) at a path or host:port. Rejects when clamd does
 * not answer, or answers something else.
 */
async function askClamd(address: string, path: string): Promise<ScanResult> {
  const socket = connect(toOptions(address))
  socket.setTimeout(clamdTimeoutMs, () => socket.destroy(new Error('clamd is silent')))
  const answered = text(socket)
  // It may refuse in the middle of the stream. Then its answer says why.
  const sent = pipeline(() => framed(path), socket, { end: false })
  const [answer] = await Promise.all([answered, sent.catch(() => answered)])
  const said = answer.replace(/\0+$/, '').trim()
  if (said.endsWith(' OK')) return undefined
  const found = /: (.+) FOUND$/.exec(said)?.[1]
  if (found !== undefined) return found
  throw new Error(`clamd says: ${said || 'nothing'}`)
}

/** Chunks, each after its length. A length of zero ends the stream. */
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

const commandTimeoutMs = 120_000

/**
 * Runs a command on a file. Exit status 0 means clean, 1 infected, as with clamscan. Rejects for
 * any other.
 */
async function runScanner(command: string, path: string): Promise<ScanResult> {
  const [program = '', ...given] = command.split(/\s+/).filter(Boolean)
  const child = spawn(program, [...given, path], {
    stdio: 'ignore',
    timeout: commandTimeoutMs,
    killSignal: 'SIGKILL',
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0) return undefined
  if (code === 1) return 'harmful'
  throw new Error(`The virus scanner ended with ${code ?? signal}`)
}
