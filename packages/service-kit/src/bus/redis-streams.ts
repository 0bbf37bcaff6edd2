import type { Redis } from 'ioredis'
import { infoField } from './info-field.ts'

/** Where a stream stands: the newest id ever given and how many entries were ever added. `0-0` and 0 where there is no stream. */
export interface StreamPosition {
  lastId: string
  added: number
}

/** Asks where streams stand. Needs Redis 7 or later. */
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
