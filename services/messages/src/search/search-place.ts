import { ConversationId } from '@finnigram/contracts'
import { z } from 'zod'

/** Where a page ended, newest first: time in milliseconds, then conversation, then seq. What comes later in the list is less in this order. */
export interface SearchPlace {
  at: number
  conversationId: string
  seq: number
}

/** Times past this are as this: the latest that a line's header holds. */
const latest = 16 ** 11 - 1

/** A time in milliseconds as letters that sort like it, all of one length. */
export const timeLetters = (at: number): string => lettersOf(clamp(at).toString(16).padStart(11, '0'))

/** The time that letters stand for. */
export const timeOf = (letters: string): number =>
  Number.parseInt(Array.from(letters, (letter) => (letter.charCodeAt(0) - 65).toString(16)).join(''), 16)

/** Hexadecimal digits as the letters A to P. */
export const lettersOf = (hex: string): string =>
  Array.from(hex, (digit) => String.fromCharCode(65 + Number.parseInt(digit, 16))).join('')

const clamp = (at: number) => Math.min(Math.max(at, 0), latest)

/** Before everything. */
export const newestPlace: SearchPlace = {
  at: latest,
  conversationId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  seq: 2 ** 31 - 1,
}

/** The place right before what was sent earlier than this. */
export const placeBefore = (at: number): SearchPlace => ({
  at: clamp(at),
  conversationId: '00000000-0000-0000-0000-000000000000',
  seq: 0,
})

/** The place right before what was sent at this time. */
export const placeAt = (at: number): SearchPlace => ({ ...newestPlace, at: clamp(at) })

/** Whether the first comes later in the list. */
export function isLater(a: SearchPlace, b: SearchPlace): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.conversationId !== b.conversationId) return a.conversationId < b.conversationId
  return a.seq < b.seq
}

export const PlaceInCursor = z.tuple([z.int().min(0).max(latest), ConversationId, z.int32().min(0)])
