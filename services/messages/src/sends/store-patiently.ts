import { AppError, isUnavailable, pause } from '@finnigram/service-kit'
import type pg from 'pg'
import type { NewSend } from './new-send.ts'
import { type StoredSends, storeSends } from './store-sends.ts'

const attempts = 4

/**
 * Stores a batch whatever is in it: what lost a race is tried again, and a batch that holds something the database
 * refuses is stored one by one, in order, so that only that one fails. Trying again is safe: ids make it so.
 * Rejects only when the database is away.
 */
export async function storePatiently(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeSends(pool, sends)
    } catch (error) {
      if (attempt < attempts && isLostRace(error)) await pause(Math.random() * 10 * attempt)
      else if (isUnavailable(error)) throw error
      else return sends.length > 1 ? storeOneByOne(pool, sends) : refused(error, sends[0])
    }
  }
}

async function storeOneByOne(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  const all: StoredSends = { outcomes: [], partitions: new Set() }
  for (const send of sends) {
    const { outcomes, partitions } = await storePatiently(pool, [send])
    all.outcomes.push(...outcomes)
    for (const partition of partitions) all.partitions.add(partition)
  }
  return all
}

/**
 * SQLSTATE class 22, data exception: what was written cannot be stored, however often it is tried. A foreign key is
 * violated when an upload went between being looked up and being used.
 */
function refused(error: unknown, send: NewSend | undefined): StoredSends {
  const errors =
    codeOf(error) === '23503'
      ? [{ path: send?.attachmentIds ? 'body.attachmentIds' : 'body.forwardOf', message: 'Is gone' }]
      : [{ path: 'body', message: 'Cannot be stored' }]
  const isForEver = codeOf(error) === '23503' || codeOf(error).startsWith('22')
  const outcome = new AppError(isForEver ? 'validation_failed' : 'internal', {
    cause: error,
    ...(isForEver ? { errors } : {}),
  })
  return { outcomes: [outcome], partitions: new Set() }
}

/**
 * Another transaction was faster, or this connection was closed under us: a unique violation (the same id went into
 * another conversation at the same moment), a serialization failure (what a message answers to
 * was changed meanwhile), a deadlock, a server that shut this session down.
 */
const lostRace = new Set(['23505', '40001', '40P01', '57P01'])

function isLostRace(error: unknown): boolean {
  return (
    lostRace.has(codeOf(error)) || (error instanceof Error && error.message.includes('Connection terminated'))
  )
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
