import type pg from 'pg'
import type { SearchPlan } from './plan-search.ts'
import { type BlockPlace, type Candidate, readBlocks } from './read-blocks.ts'
import { isLater, placeAt, type SearchPlace } from './search-place.ts'

/**
 * What is common is found among the newest blocks, without asking an index; what is rare, by the grams. A search that
 * still has not seen everything after these ends with what it has, and goes on with the next page.
 */
const steps = [
  { blocks: 64, byGrams: false },
  { blocks: 192, byGrams: false },
  { blocks: 768, byGrams: true },
  { blocks: 2048, byGrams: true },
]

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
  for (const step of steps) {
    const { candidates, end } = await readBlocks(tx, { ...request, ...step, beyond, candidates: count })
    found.push(...candidates)
    found.sort((a, b) => (isLater(a, b) ? 1 : -1))
    found.splice(count)
    if (!end) return { found, next: found.length < count ? undefined : found.at(-1) }
    beyond = end
    const last = found[count - 1]
    // Whatever is left lies in blocks that end at this time at the latest.
    if (last && last.at > end.newestAt.getTime()) return { found, next: last }
  }
  if (!beyond) return { found, next: undefined }
  const seenUntil = placeAt(beyond.newestAt.getTime())
  return { found: found.filter((candidate) => isLater(seenUntil, candidate)), next: seenUntil }
}
