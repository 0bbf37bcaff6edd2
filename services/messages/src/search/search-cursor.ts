import { ConversationId } from '@finnigram/contracts'
import { z } from 'zod'

/**
 * A place in the results, newest first: time in milliseconds, conversation, `seq`. Later results
 * are less.
 */
export interface SearchCursor {
  at: number
  conversationId: string
  seq: number
}

/** The latest time that a line's header holds. Later ones count as this. */
const latest = 16 ** 11 - 1

/** A time in milliseconds as letters of fixed length that sort like it. */
export const timeLetters = (at: number): string => lettersOf(clamp(at).toString(16).padStart(11, '0'))

/** The time of such letters. */
export const timeOf = (letters: string): number =>
  Number.parseInt(Array.from(letters, (letter) => (letter.charCodeAt(0) - 65).toString(16)).join(''), 16)

/** Hexadecimal digits as the letters A to P. */
export const lettersOf = (hex: string): string =>
  Array.from(hex, (digit) => String.fromCharCode(65 + Number.parseInt(digit, 16))).join('')

const clamp = (at: number) => Math.min(Math.max(at, 0), latest)

/** The place before all results. */
export const newestPlace: SearchCursor = {
  at: latest,
  conversationId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  seq: 2 ** 31 - 1,
}

/** The place before everything sent earlier than this. */
export const placeBefore = (at: number): SearchCursor => ({
  at: clamp(at),
  conversationId: '00000000-0000-0000-0000-000000000000',
  seq: 0,
})

/** The place before everything sent at this time or earlier. */
export const placeAt = (at: number): SearchCursor => ({ ...newestPlace, at: clamp(at) })

/** Whether the first comes later in the results. */
export function isLater(a: SearchCursor, b: SearchCursor): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.conversationId !== b.conversationId) return a.conversationId < b.conversationId
  return a.seq < b.seq
}

export const PlaceInCursor = z.tuple([z.int().min(0).max(latest), ConversationId, z.int32().min(0)])
