import type pg from 'pg'
import { type Block, blockMessages, draftBlocks, finishBlock, learnDrafts } from './build-blocks.ts'
import { markQuiet } from './mark-quiet.ts'
import { changedRanges, newRanges, type Range, readRanges } from './read-ranges.ts'
import type { Stemmer } from './stemmer.ts'
import { putBack, type Queued, takeQueued } from './take-queued.ts'
import { writeBlocks } from './write-blocks.ts'

/** Messages read in one round, about: bounds memory and how long a transaction lasts. */
const mostMessages = 2000
/** "sear" in ASCII: one process at a time makes blocks. */
const lock = 0x73656172

/** What a round looked at. */
interface Round {
  /** 0 when the queue is empty or another process is at it. */
  conversations: number
  /** Nobody is saying anything now. */
  isBackfill: boolean
  /** Blocks that were found quiet, when there was nothing else to do. */
  quiet: number
}
const nothing: Round = { conversations: 0, isBackfill: true, quiet: 0 }

/**
 * Does a round of what is queued in one transaction: takes it off the queue, makes the blocks of what is new and of what
 * was changed. A process that dies leaves queue and blocks as they were.
 */
export async function indexQueued(tx: pg.PoolClient, stemmer: Stemmer): Promise<Round> {
  const { rows } = await tx.query<{ isMine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${lock}) AS "isMine", set_config('synchronous_commit', 'off', true)`,
  )
  if (!rows[0]?.isMine) return nothing
  const queued = await takeQueued(tx)
  if (queued.length === 0) return { ...nothing, quiet: await markQuiet(tx) }
  const { ranges, left } = await planRound(tx, queued)
  await writeBlocks(tx, await makeBlocks(tx, { ranges, stemmer }))
  await putBack(tx, left)
  return { conversations: queued.length, isBackfill: queued.every(({ isBackfill }) => isBackfill), quiet: 0 }
}

async function planRound(tx: pg.PoolClient, queued: Queued[]): Promise<{ ranges: Range[]; left: Queued[] }> {
  const fresh = await newRanges(tx, queued, mostMessages)
  const freshOf = new Map(fresh.map((range) => [range.conversationId, range]))
  const chosen: Queued[] = []
  const left: Queued[] = []
  const ranges: Range[] = []
  let count = 0
  for (const one of queued) {
    const range = freshOf.get(one.conversationId)
    if (count >= mostMessages) {
      left.push(one)
      continue
    }
    chosen.push(one)
    count += one.changed.length * blockMessages
    if (!range || range.toSeq < range.fromSeq) continue
    count += range.toSeq - range.fromSeq + 1
    ranges.push(range)
    if (!range.isEnd) left.push({ ...one, changed: [] })
  }
  return { ranges: [...(await changedRanges(tx, chosen)), ...ranges], left }
}

async function makeBlocks(
  tx: pg.PoolClient,
  { ranges, stemmer }: { ranges: readonly Range[]; stemmer: Stemmer },
): Promise<(Block & { conversationId: string })[]> {
  const read = await readRanges(tx, ranges)
  const drafts = ranges.flatMap((range, i) =>
    draftBlocks(read[i] ?? [], range).map((draft) => ({ draft, conversationId: range.conversationId })),
  )
  await learnDrafts(tx, { drafts: drafts.map(({ draft }) => draft), stemmer })
  return drafts.map(({ draft, conversationId }) => ({ ...finishBlock(draft, stemmer), conversationId }))
}
