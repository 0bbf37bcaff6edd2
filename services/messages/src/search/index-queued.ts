import type pg from 'pg'
import { type Block, createYield, type Draft, draftBlocks, finishBlock, learnDrafts } from './build-blocks.ts'
import { planRound, type RoundBounds } from './plan-round.ts'
import { type Range, readRanges } from './read-ranges.ts'
import { mergePendingGrams, sealIdleBlocks } from './seal-idle-blocks.ts'
import { putBack, takeQueued } from './search-queue.ts'
import type { Stemmer } from './stemmer.ts'

/** Conversations that one round plans. */
const conversationsAtOnce = 200

/** What a round did. */
export interface Round {
  /** 0 when the queue is empty or another process has the lock. */
  conversations: number
  /** Only backfill was queued: no new messages. */
  isBackfill: boolean
  /** More was queued than this round could take. */
  isBehind: boolean
  /** Idle blocks that were sealed because nothing else was to do. */
  sealed: number
}

/**
 * Indexes a round of the queue in one transaction: dequeues conversations, builds the blocks of new
 * and changed messages. A crash leaves queue and blocks as they were.
 */
export async function indexQueued(
  tx: pg.PoolClient,
  { stemmer, bounds }: { stemmer: Stemmer; bounds: RoundBounds },
): Promise<Round> {
  const queued = await takeQueued(tx, bounds.queued)
  const isBackfill = queued.every((one) => one.isBackfill)
  // A row may hold many conversations, and planning reads each of them.
  const most = Math.min(bounds.messages, conversationsAtOnce)
  const { ranges, left } = await planRound(tx, { queued: queued.slice(0, most), bounds })
  await makeBlocks(tx, { ranges, stemmer })
  await putBack(tx, [...left, ...queued.slice(most)])
  const isBehind = left.length > 0 || queued.length > most || queued.length >= bounds.queued
  return { conversations: queued.length, isBackfill, isBehind, sealed: 0 }
}

/** The work of an empty queue: seals idle blocks, or merges the index's pending list. */
export async function sealIdle(tx: pg.PoolClient, bounds: RoundBounds): Promise<Round> {
  const sealed = await sealIdleBlocks(tx, bounds)
  if (sealed === 0) await mergePendingGrams(tx)
  return { conversations: 0, isBackfill: true, isBehind: false, sealed }
}

/** UTF-16 units of text whose words are looked up together. */
const learnedAtOnce = 32_768

/**
 * Builds and writes blocks, yielding to the event loop between pieces of some tens of milliseconds.
 */
async function makeBlocks(
  tx: pg.PoolClient,
  { ranges, stemmer }: { ranges: readonly Range[]; stemmer: Stemmer },
): Promise<void> {
  const read = await readRanges(tx, ranges)
  const yieldAfter = createYield()
  const blocks: OwnedBlock[] = []
  let drafts: (Draft & { conversationId: string })[] = []
  let length = 0
  const finish = async () => {
    await learnDrafts(tx, { drafts, stemmer })
    for (const draft of drafts) {
      const block = finishBlock(draft, stemmer)
      blocks.push({ ...block, conversationId: draft.conversationId })
      await yieldAfter(block.lines.length)
    }
    drafts = []
    length = 0
  }
  for (const [i, range] of ranges.entries()) {
    const { conversationId } = range
    for (const draft of await draftBlocks(read[i] ?? [], { ...range, yieldAfter })) {
      drafts.push({ ...draft, conversationId })
      for (const { text } of draft.messages) length += text.length
      if (length >= learnedAtOnce) await finish()
    }
  }
  await finish()
  await writeBlocks(tx, blocks)
}

/** A block and its conversation. */
type OwnedBlock = Block & { conversationId: string }

/** UTF-16 units and n-grams of one statement, which then takes a fraction of a second. */
const longAtOnce = 131_072

const gramsAtOnce = 30_000

/** Writes blocks in portions. Each replaces one that began at the same message. */
async function writeBlocks(tx: pg.PoolClient, blocks: readonly OwnedBlock[]): Promise<void> {
  for (let start = 0; start < blocks.length; ) {
    const portion = takePortion(blocks, start)
    start += portion.length
    await writePortion(tx, portion)
  }
}

function takePortion(blocks: readonly OwnedBlock[], start: number): OwnedBlock[] {
  const portion: OwnedBlock[] = []
  let length = 0
  let grams = 0
  while (length < longAtOnce && grams < gramsAtOnce) {
    const block = blocks[start + portion.length]
    if (!block) break
    portion.push(block)
    length += block.lines.length
    grams += block.grams?.length ?? 0
  }
  return portion
}

async function writePortion(tx: pg.PoolClient, blocks: readonly OwnedBlock[]): Promise<void> {
  await tx.query({
    name: 'write-search-blocks',
    text: `INSERT INTO search_blocks AS b
  (conversation_id, from_seq, to_seq, oldest_at, newest_at, languages, lines, grams)
SELECT conversation_id, from_seq, to_seq, oldest_at, newest_at, string_to_array(languages, ' '), lines, grams::smallint[]
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
  AS made (conversation_id, from_seq, to_seq, oldest_at, newest_at, languages, lines, grams)
ORDER BY conversation_id, from_seq
ON CONFLICT (conversation_id, from_seq) DO UPDATE SET to_seq = excluded.to_seq, oldest_at = excluded.oldest_at,
  newest_at = excluded.newest_at, languages = excluded.languages, lines = excluded.lines, grams = excluded.grams,
  is_quiet = false`,
    values: [
      blocks.map(({ conversationId }) => conversationId),
      blocks.map(({ fromSeq }) => fromSeq),
      blocks.map(({ toSeq }) => toSeq),
      blocks.map(({ oldestAt }) => oldestAt),
      blocks.map(({ newestAt }) => newestAt),
      blocks.map(({ languages }) => languages.join(' ')),
      blocks.map(({ lines }) => lines),
      blocks.map(({ grams }) => (grams === null ? null : `{${grams.join(',')}}`)),
    ],
  })
}
