import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

/** Changes of one conversation that may wait for their turn here; more are turned away, to come back. */
const mostWaiting = 1000

interface Line {
  last: Promise<unknown>
  length: number
}

const linesOf = new WeakMap<pg.Pool, Map<string, Line>>()

/**
 * Does work on a conversation when what this process was asked to do on it before is done. Who waited in PostgreSQL for
 * the lock of its row would hold a connection meanwhile: ten people who react to the same message would take the whole
 * pool from everyone else. Throws `unavailable` when too many wait.
 */
export async function inTurn<T>(pool: pg.Pool, conversationId: string, work: () => Promise<T>): Promise<T> {
  const lines = linesOf.get(pool) ?? new Map<string, Line>()
  linesOf.set(pool, lines)
  const line = lines.get(conversationId) ?? { last: Promise.resolve(), length: 0 }
  lines.set(conversationId, line)
  if (line.length >= mostWaiting) throw new AppError('unavailable', { retryAfter: 1 })
  line.length += 1
  const turn = line.last.then(work)
  line.last = turn.catch(() => {})
  try {
    return await turn
  } finally {
    line.length -= 1
    if (line.length === 0) lines.delete(conversationId)
  }
}
