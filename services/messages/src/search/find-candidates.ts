import type pg from 'pg'
import type { SearchPlan } from './plan-search.ts'
import { type BlockPlace, type Candidate, readBlocks, skewMs } from './read-blocks.ts'
import { isLater, newestPlace, placeAt, type SearchPlace } from './search-place.ts'

/** Blocks that are read one step after the other, the newest first. The more it takes, the more at once. */
const steps = [64, 512, 1024, 4096]
/** After so many steps a search ends with what it has, and goes on with the next page. */
const mostSteps = steps.length

export interface CandidateRequest {
  plan: SearchPlan
  userId: string
  conversationId: string | undefined
  place: SearchPlace
  after: number
  /** At most so many. */
  count: number
}

export interface Candidates {
  /** The newest after the place, newest first. */
  found: Candidate[]
  /** Where to look on; undefined when there is nothing left. */
  next: SearchPlace | undefined
}

/** Looks for the newest messages that match, by what they were when they were made findable. The work is bounded, whatever is asked. */
export async function findCandidates(
  tx: pg.PoolClient,
  { count, ...request }: CandidateRequest,
): Promise<Candidates> {
  const found: Candidate[] = []
  const floor = await firstFloor(tx, request)
  let beyond: BlockPlace | undefined
  for (let step = 0; step < mostSteps || !isPast(beyond, request.place); step += 1) {
    const blocks = steps[Math.min(step, steps.length - 1)] ?? 1
    // With enough found, only blocks that may hold something newer are left. Otherwise it is not common: the grams tell where it may be.
    const oldest = found[count - 1]
    const isFirst = beyond === undefined
    const after = Math.max(request.after, oldest ? oldest.at - 1 : -1)
    const blocksAfter = isFirst ? Math.max(after, floor) : after
    const byGrams = !isFirst && !oldest
    const read = await readBlocks(tx, {
      ...request,
      ...{ after, blocksAfter, blocks, byGrams, beyond },
      candidates: count,
    })
    found.push(...read.candidates)
    found.sort((a, b) => (isLater(a, b) ? 1 : -1))
    found.splice(count)
    const end = read.end ?? (isFirst && blocksAfter > after ? endAt(floor) : undefined)
    if (!end) return { found, next: found.length < count ? undefined : found.at(-1) }
    beyond = end
  }
  const seenUntil = placeAt(beyond?.newestAt.getTime() ?? 0)
  return { found: found.filter((candidate) => isLater(seenUntil, candidate)), next: seenUntil }
}

/** Whether the next page begins later in the list than this one. */
const isPast = (beyond: BlockPlace | undefined, place: SearchPlace) =>
  beyond !== undefined && beyond.newestAt.getTime() < place.at

/**
 * A time after which only some of a reader's conversations have blocks, enough for the first step: so that who takes part
 * in thousands need not have the blocks of all of them sorted. -1 where there are few, or the list begins before it.
 */
async function firstFloor(
  tx: pg.PoolClient,
  { userId, conversationId, place }: Omit<CandidateRequest, 'count'>,
): Promise<number> {
  if (conversationId !== undefined) return -1
  const { rows } = await tx.query<{ at: Date }>({
    name: 'search-first-floor',
    text: `SELECT c.last_activity_at AS at FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = $1 AND p.left_version IS NULL ORDER BY c.last_activity_at DESC OFFSET ${steps[0]} LIMIT 1`,
    values: [userId],
  })
  const at = rows[0] ? rows[0].at.getTime() + skewMs : -1
  return at < place.at ? at : -1
}

/** What comes after every block that is newer than this. */
const endAt = (at: number): BlockPlace => ({
  newestAt: new Date(at),
  conversationId: newestPlace.conversationId,
  fromSeq: newestPlace.seq,
})
