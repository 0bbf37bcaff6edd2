import { Agent, request as openRequest } from 'node:http'
import type { SyncReply } from '@finnigram/contracts'
import { WebSocket } from 'ws'
import { frames } from '../frames.ts'

export interface LinkOptions {
  url: string
  token: string
  /** Where it comes from, if that matters: an address of loopback. */
  address?: string
  /** What else the server says. */
  onFrame: (frame: string) => void
}

/** A socket's end; `retryAfterMs` where the server said when to come back. */
export interface LinkEnd {
  wasReady: boolean
  retryAfterMs: number | null
  comebackWithinMs: number | null
}

export interface Link {
  /** Resolves when the server said `ready`; never where the link ends before. */
  ready: Promise<void>
  ended: Promise<LinkEnd>
  close(): void
}

/** As patient as the SDK, in milliseconds. */
const readyWithinMs = 10_000

/**
 * One try at a socket: the frames of Engine.IO and Socket.IO by hand, because thousands of clients
 * share one process.
 */
export function openLink({ url, token, address, onFrame }: LinkOptions): Link {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    ...(address === undefined ? {} : { localAddress: address }),
  })
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<LinkEnd>()
  const end: LinkEnd = { wasReady: false, retryAfterMs: null, comebackWithinMs: null }
  const timer = setTimeout(() => socket.terminate(), readyWithinMs)
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    clearTimeout(timer)
    ended.resolve(end)
  })
  socket.on('message', (data) => {
    const frame = data.toString()
    if (frame === frames.ping) socket.send(frames.pong)
    else if (frame.startsWith('0')) socket.send(frames.connect(token))
    else if (frames.isRefused(frame)) socket.close()
    else if (frame.startsWith('42["goodbye"')) end.retryAfterMs = hintIn(frame, 'retryAfterMs')
    else if (frame.startsWith('42["crowd"')) end.comebackWithinMs = hintIn(frame, 'comebackWithinMs')
    else if (frames.isReady(frame)) {
      clearTimeout(timer)
      end.wasReady = true
      end.comebackWithinMs = hintIn(frame, 'comebackWithinMs')
      ready.resolve()
    } else onFrame(frame)
  })
  return { ready: ready.promise, ended: ended.promise, close: () => socket.terminate() }
}

function hintIn(frame: string, name: string): number | null {
  const found = new RegExp(`"${name}":(\\d+)`).exec(frame)
  return found ? Number(found[1]) : null
}

/** What a device knows of each conversation: the newest version up to which nothing is missing. */
export interface KnownVersions {
  readonly known: Readonly<Record<string, number>>
  /** What a sync answered. */
  take(reply: SyncReply): void
  /** A frame of events; whether something is missing before them. */
  hear(frame: string): boolean
}

interface EventHead {
  conversationId: string
  version: number
}

export function createKnownVersions(ids: readonly string[], version: number): KnownVersions {
  const known: Record<string, number> = Object.fromEntries(ids.map((id) => [id, version]))
  const hearOne = ({ conversationId, version: next }: EventHead) => {
    if (next === (known[conversationId] ?? 0) + 1) known[conversationId] = next
    return next > (known[conversationId] ?? 0)
  }
  return {
    known,
    take({ conversations, events }) {
      for (const list of Object.values(events)) for (const event of list) hearOne(event)
      for (const { id, version: newest } of conversations) known[id] = Math.max(newest, known[id] ?? 0)
    },
    hear(frame) {
      const [, events] = JSON.parse(frame.slice(2)) as [string, EventHead[]]
      return events.map(hearOne).includes(true)
    },
  }
}

interface Answer {
  status: number
  /** Seconds; 0 where the server did not say. */
  retryAfter: number
  text: string
}

interface Question {
  url: string
  token: string
  /** JSON text; a GET without. */
  body?: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 500 })
const patienceMs = 15_000

/**
 * One call of the public API over connections that are kept; cheaper than `fetch`, so that the load
 * costs the servers' machine little. Rejects when there is no answer.
 */
export function request({ url, token, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = openRequest(url, {
      agent,
      method: body === undefined ? 'GET' : 'POST',
      timeout: patienceMs,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    })
    call.on('timeout', () => call.destroy(new Error('No answer in time')))
    call.on('error', reject)
    call.on('response', (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: Number(response.headers['retry-after'] ?? 0),
          text: Buffer.concat(pieces).toString(),
        }),
      )
    })
    call.end(body)
  })
}

/** Ends the connections that are kept. */
export const endRequests = () => agent.destroy()
