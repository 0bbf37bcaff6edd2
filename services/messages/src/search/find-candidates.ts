import type pg from 'pg'
import type { SearchPlan } from './plan-search.ts'
import { type BlockPlace, type Candidate, readBlocks } from './read-blocks.ts'
import { isLater, placeAt, type SearchPlace } from './search-place.ts'

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
  let beyond: BlockPlace | undefined
  for (let step = 0; step < mostSteps || !isPast(beyond, request.place); step += 1) {
    const blocks = steps[Math.min(step, steps.length - 1)] ?? 1
    // With enough found, only blocks that may hold something newer are left. Otherwise it is not common: the grams tell where it may be.
    const oldest = found[count - 1]
    const after = oldest ? Math.max(request.after, oldest.at - 1) : request.after
    const byGrams = beyond !== undefined && !oldest
    const read = await readBlocks(tx, { ...request, after, blocks, byGrams, beyond, candidates: count })
    found.push(...read.candidates)
    found.sort((a, b) => (isLater(a, b) ? 1 : -1))
    found.splice(count)
    if (!read.end) return { found, next: found.length < count ? undefined : found.at(-1) }
    beyond = read.end
  }
  const seenUntil = placeAt(beyond?.newestAt.getTime() ?? 0)
  return { found: found.filter((candidate) => isLater(seenUntil, candidate)), next: seenUntil }
}

/** Whether the next page begins later in the list than this one. */
const isPast = (beyond: BlockPlace | undefined, place: SearchPlace) =>
  beyond !== undefined && beyond.newestAt.getTime() < place.at
