import type pg from 'pg'
import { type Draft, draftBlocks, finishBlock, learnDrafts } from './build-blocks.ts'
import { markQuiet, sortInGrams } from './mark-quiet.ts'
import { planRound, type RoundBounds } from './plan-round.ts'
import { type Range, readRanges } from './read-ranges.ts'
import type { Stemmer } from './stemmer.ts'
import { putBack, takeQueued } from './take-queued.ts'
import { takeRests } from './take-rests.ts'
import { type OwnedBlock, writeBlocks } from './write-blocks.ts'

/** Conversations that one round plans for. */
const conversationsAtOnce = 200

/** What a round looked at. */
export interface Round {
  /** 0 when the queue is empty or another process is at it. */
  conversations: number
  /** Nobody is saying anything now. */
  isBackfill: boolean
  /** There was more than this round had room for. */
  isBehind: boolean
  /** Blocks that were found quiet, when there was nothing else to do. */
  quiet: number
}

/**
 * Does a round of what is queued in one transaction: takes it off the queue, makes the blocks of what is new and of what
 * was changed. A process that dies leaves queue and blocks as they were.
 */
export async function indexQueued(
  tx: pg.PoolClient,
  { stemmer, bounds }: { stemmer: Stemmer; bounds: RoundBounds },
): Promise<Round> {
  const queued = await takeQueued(tx, bounds.queued)
  const isBackfill = queued.every((one) => one.isBackfill)
  // A row may hold many conversations, and planning reads something of each.
  const most = Math.min(bounds.messages, conversationsAtOnce)
  const { ranges, left } = await planRound(tx, { queued: queued.slice(0, most), bounds })
  await makeBlocks(tx, { ranges, stemmer })
  await putBack(tx, [...left, ...queued.slice(most)])
  const isBehind = left.length > 0 || queued.length > most || queued.length >= bounds.queued
  return { conversations: queued.length, isBackfill, isBehind, quiet: 0 }
}

/** What is done when nothing is queued: blocks that have become quiet are given their grams. */
export async function indexQuiet(tx: pg.PoolClient, bounds: RoundBounds): Promise<Round> {
  const quiet = await markQuiet(tx, bounds)
  if (quiet === 0) await sortInGrams(tx)
  return { conversations: 0, isBackfill: true, isBehind: false, quiet }
}

/** UTF-16 units whose words are learned together. */
const learnedAtOnce = 32_768

/** Others have their turn between pieces of the work, which are some tens of milliseconds long. */
async function makeBlocks(
  tx: pg.PoolClient,
  { ranges, stemmer }: { ranges: readonly Range[]; stemmer: Stemmer },
): Promise<void> {
  const read = await readRanges(tx, ranges)
  const rest = takeRests()
  const blocks: OwnedBlock[] = []
  let drafts: (Draft & { conversationId: string })[] = []
  let length = 0
  const finish = async () => {
    await learnDrafts(tx, { drafts, stemmer })
    for (const draft of drafts) {
      const block = finishBlock(draft, stemmer)
      blocks.push({ ...block, conversationId: draft.conversationId })
      await rest(block.lines.length)
    }
    drafts = []
    length = 0
  }
  for (const [i, range] of ranges.entries()) {
    const { conversationId } = range
    for (const draft of await draftBlocks(read[i] ?? [], { ...range, rest })) {
      drafts.push({ ...draft, conversationId })
      for (const { text } of draft.messages) length += text.length
      if (length >= learnedAtOnce) await finish()
    }
  }
  await finish()
  await writeBlocks(tx, blocks)
}
