import type { Redis } from 'ioredis'

/** An entry of a stream as the relay writes it. */
export interface StreamEntry {
  readonly stream: string
  /** Redis stream id, `milliseconds-sequence`. */
  readonly id: string
  readonly type: string
  readonly key: string
  /** JSON text. */
  readonly payload: string
  readonly requestId: string | undefined
}

/**
 * The reply of XREAD and its kin: streams with entries with flat fields; a deleted entry has none.
 */
export type RawEntry = [id: string, fields: string[] | null]
export type RawStreams = [stream: string, entries: RawEntry[]][]

export function toStreamEntry(stream: string, [id, fields]: RawEntry): StreamEntry {
  const entry = { stream, id, type: '', key: '', payload: '', requestId: undefined as string | undefined }
  for (let i = 0; fields && i + 1 < fields.length; i += 2) {
    const value = fields[i + 1]
    switch (fields[i]) {
      case 'type':
        entry.type = value ?? ''
        break
      case 'key':
        entry.key = value ?? ''
        break
      case 'payload':
        entry.payload = value ?? ''
        break
      case 'requestId':
        entry.requestId = value
        break
    }
  }
  return entry
}

/**
 * The end of a stream: the newest id and how many entries were ever added; `0-0` and 0 without one.
 */
export interface StreamPosition {
  lastId: string
  added: number
}

/** The present ends of streams. Needs Redis 7 or later. */
export function streamPositions(redis: Redis, streams: readonly string[]): Promise<StreamPosition[]> {
  return Promise.all(streams.map((stream) => streamPosition(redis, stream)))
}

async function streamPosition(redis: Redis, stream: string): Promise<StreamPosition> {
  try {
    const info = (await redis.xinfo('STREAM', stream)) as unknown[]
    return {
      lastId: String(infoField(info, 'last-generated-id')),
      added: Number(infoField(info, 'entries-added')),
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return { lastId: '0-0', added: 0 }
    throw error
  }
}

/** Orders stream ids: negative when `a` is older. */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number)
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number)
  return aMs - bMs || aSeq - bSeq
}

/** A field of an XINFO reply, which is a flat list of names and values. */
export function infoField(info: readonly unknown[], name: string): unknown {
  for (let i = 0; i + 1 < info.length; i += 2) if (info[i] === name) return info[i + 1]
  return undefined
}
