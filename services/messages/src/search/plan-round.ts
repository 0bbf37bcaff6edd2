import type pg from 'pg'
import { blockLength } from './build-blocks.ts'
import { changedRanges, measureRanges, type NewRange, newRanges, type Range } from './read-ranges.ts'
import type { Queued } from './search-queue.ts'

/** Bounds of one round. */
export interface RoundBounds {
  /** Rows of the queue. */
  queued: number
  messages: number
  /** Of text, in UTF-8. */
  bytes: number
}

/** What a round takes at most: somewhat over a tenth of a second. */
const fullRound: RoundBounds = { queued: 500, messages: 2000, bytes: 262_144 }

/** A round after a failed one is this many times smaller: the fourth takes a single message. */
const shrinksBy = 8

/** Rounds that fail in a row before the next message is parked. */
const parkAfter = 6

/** The bounds of a round after so many failures. */
export function boundsAfter(failures: number): RoundBounds {
  const share = shrinksBy ** Math.min(failures, parkAfter)
  const shareOf = (bound: number) => Math.max(1, Math.floor(bound / share))
  return {
    queued: shareOf(fullRound.queued),
    messages: shareOf(fullRound.messages),
    bytes: shareOf(fullRound.bytes),
  }
}

export const shouldPark = (failures: number): boolean => failures >= parkAfter

/** What a round indexes, and what it leaves to the next. */
export interface RoundPlan {
  ranges: Range[]
  left: Queued[]
}

type ChangedRange = Range & { changed: number[] }

/**
 * Plans a round in the order of the queue: changed blocks and new messages. Both are bounded in
 * number and bytes, but at least one message is always among them.
 */
export async function planRound(
  tx: pg.PoolClient,
  { queued, bounds }: { queued: readonly Queued[]; bounds: RoundBounds },
): Promise<RoundPlan> {
  const blocks = Map.groupBy(await changedRanges(tx, queued), ({ conversationId }) => conversationId)
  const fresh = await newRanges(tx, queued)
  const requests = queued.map((one) => ({
    one,
    blocks: blocks.get(one.conversationId) ?? [],
    fresh: fresh.get(one.conversationId),
  }))
  const budget = createBudget(bounds)
  const plan: RoundPlan = { ranges: [], left: [] }
  const measured = await measureFirst(tx, { requests, most: bounds.messages })
  for (const request of requests) {
    const leftOver = choose(request, { budget, measured, ranges: plan.ranges })
    if (leftOver) plan.left.push(leftOver)
  }
  return plan
}

interface IndexRequest {
  one: Queued
  blocks: ChangedRange[]
  fresh: NewRange | undefined
}

type Measured = Map<Range, { seq: number; bytes: number }[]>

/** Measures as many messages as a round takes at most. */
async function measureFirst(
  tx: pg.PoolClient,
  { requests, most }: { requests: readonly IndexRequest[]; most: number },
): Promise<Measured> {
  const places: { range: Range; fromSeq: number; toSeq: number }[] = []
  let count = 0
  for (const { blocks, fresh } of requests) {
    for (const range of [...blocks, ...(fresh ? [fresh] : [])]) {
      if (count >= most) break
      const fromSeq = 'coveredTo' in range ? range.coveredTo + 1 : range.fromSeq
      const toSeq = range.isBlock ? range.toSeq : Math.min(range.toSeq, fromSeq + most - 1)
      places.push({ range, fromSeq, toSeq })
      count += toSeq - fromSeq + 1
    }
  }
  const sizes = await measureRanges(
    tx,
    places.map(({ range: { conversationId }, fromSeq, toSeq }) => ({ conversationId, fromSeq, toSeq })),
  )
  return new Map(places.map(({ range }, i) => [range, sizes[i] ?? []]))
}

/** Takes what fits into the budget. Returns the rest of the request, if any. */
function choose(
  { one, blocks, fresh }: IndexRequest,
  { budget, measured, ranges }: { budget: RoundBudget; measured: Measured; ranges: Range[] },
): Queued | undefined {
  const changed: number[] = []
  for (const block of blocks) {
    const sizes = measured.get(block)
    if (sizes && budget.takeAll(sizes)) ranges.push(block)
    else changed.push(...block.changed)
  }
  const hasAppended = fresh !== undefined && fresh.toSeq > fresh.coveredTo
  const isRemade = fresh !== undefined && one.changed.some((seq) => seq >= fresh.blockFrom)
  const range =
    fresh && (hasAppended || isRemade) ? chooseNew(fresh, { budget, sizes: measured.get(fresh) }) : undefined
  if (range) ranges.push(range)
  if (isRemade && !range) changed.push(...one.changed.filter((seq) => seq >= fresh.blockFrom))
  const isDone = changed.length === 0 && (!hasAppended || range?.toSeq === fresh.toSeq)
  return isDone ? undefined : { ...one, changed }
}

/** As many new messages as fit, with the block that they are appended to. */
function chooseNew(
  fresh: NewRange,
  { budget, sizes }: { budget: RoundBudget; sizes: { seq: number; bytes: number }[] | undefined },
): Range | undefined {
  if (!sizes) return undefined
  const taken = budget.takeSome(sizes, fresh.coveredBytes)
  if (taken === undefined) return undefined
  const { conversationId, appendTo, blockFrom, coveredTo, coveredBytes } = fresh
  const toSeq = taken.toSeq ?? coveredTo
  const isTooLong = coveredBytes + taken.bytes >= blockLength
  return {
    conversationId,
    fromSeq: appendTo && !isTooLong ? appendTo.toSeq + 1 : blockFrom,
    toSeq,
    isBlock: false,
    appendTo: isTooLong ? undefined : appendTo,
  }
}

type RoundBudget = ReturnType<typeof createBudget>

/** The budget of one round. The first item fits whatever its size. */
function createBudget({ messages, bytes }: RoundBounds) {
  let freeMessages = messages
  let freeBytes = bytes
  const isFull = () => freeMessages <= 0 || freeBytes <= 0
  const isEmpty = () => freeMessages === messages && freeBytes === bytes
  const take = (size: number, count: number) => {
    freeMessages -= count
    freeBytes -= size
  }
  return {
    takeAll(sizes: readonly { bytes: number }[]): boolean {
      if (isFull() && !isEmpty()) return false
      take(sumOf(sizes), sizes.length)
      return true
    },
    /**
     * Takes the first of these that fit, at least one. `bytesBefore` are those of the rebuilt
     * block.
     */
    takeSome(
      sizes: readonly { seq: number; bytes: number }[],
      bytesBefore: number,
    ): { toSeq: number | undefined; bytes: number } | undefined {
      if (isFull() && !isEmpty()) return undefined
      take(bytesBefore, 0)
      let taken = 0
      for (let total = 0; taken < sizes.length; taken += 1) {
        const size = sizes[taken]?.bytes ?? 0
        if (taken > 0 && (total + size > freeBytes || taken >= freeMessages)) break
        total += size
      }
      const chosen = sizes.slice(0, taken)
      take(sumOf(chosen), Math.max(1, taken))
      return { toSeq: chosen.at(-1)?.seq, bytes: sumOf(chosen) }
    },
  }
}

const sumOf = (sizes: readonly { bytes: number }[]) => sizes.reduce((sum, { bytes }) => sum + bytes, 0)
