import { fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'

/** Where a page of people ended: by rank, within it by distance, within that by username. */
export interface SearchPlace {
  rank: number
  distance: number
  username: string
}

const Place = z.tuple([z.int32(), z.int32(), z.string().regex(/^[a-z0-9_.]{1,32}$/)])
const start: SearchPlace = { rank: -1, distance: 0, username: '' }

export const encodeSearchCursor = ({ rank, distance, username }: SearchPlace): string =>
  toCursor([rank, distance, username])

/** The place a cursor names; the beginning when there is none. Throws `validation_failed` for one that was not given out here. */
export function decodeSearchCursor(cursor: string | undefined): SearchPlace {
  if (cursor === undefined) return start
  const [rank, distance, username] = fromCursor(Place, cursor, 'query.cursor')
  return { rank, distance, username }
}
