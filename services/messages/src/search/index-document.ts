import type { Attachment } from '@finnigram/contracts'
import { type Language, languagesOf } from './languages.ts'
import { lettersOf, timeLetters } from './search-cursor.ts'
import { searchableText, wordsOf } from './searchable-text.ts'
import type { Stemmer } from './stemmer.ts'

/** The parts of a message that are searched. */
export interface SearchedMessage {
  seq: number
  senderId: string
  text: string | null
  attachments: Attachment[]
  hasLink: boolean
  deletedAt: Date | null
  createdAt: Date
}

/**
 * A message with its searchable text, and its words as written. Both are empty for a deleted one.
 */
export interface ReadMessage {
  message: SearchedMessage
  text: string
  words: readonly string[]
}

/** Stands before and after every stem in a line. */
export const stemMark = '\u0003'

/** A line begins with time, sender and flags, in capital letters, which no searchable text has. */
export const header = { timeLength: 11, senderLength: 8, length: 20 } as const

/** The searched text of a message, as written: its text, and the names of its files. */
export const searchedText = ({ text, attachments }: Pick<SearchedMessage, 'text' | 'attachments'>): string =>
  [text ?? '', ...attachments.map(({ name }) => name)].join('\n').trim()

export function readMessage(message: SearchedMessage): ReadMessage {
  const written = message.deletedAt === null ? searchedText(message) : ''
  return { message, text: searchableText(written), words: wordsOf(written) }
}

/**
 * A message as one line of a block: header, searchable text, and the stems of its words in the
 * block's languages. The words must have been learned. Empty for a message without text.
 */
export function toIndexDocument(
  { message, text, words }: ReadMessage,
  { languages, stemmer }: { languages: readonly Language[]; stemmer: Stemmer },
): string {
  if (text === '') return ''
  const stems = new Set<string>()
  for (const word of words) {
    for (const language of languagesOf(word, languages)) {
      for (const stem of stemmer.stemsOf(word, language)) stems.add(stem)
    }
  }
  const end = stems.size === 0 ? '' : `${stemMark}${[...stems].join(stemMark)}${stemMark}`
  const at = timeLetters(message.createdAt.getTime())
  return at + senderLetters(message.senderId) + flagLetter(message) + text + end
}

/** The part of a sender's id in lines: most people differ in it. */
export const senderLetters = (id: string): string => lettersOf(id.slice(-header.senderLength))

/** A: neither, B: files, C: a link, D: both. */
const flagLetter = ({ attachments, hasLink }: SearchedMessage) =>
  String.fromCharCode(65 + (attachments.length > 0 ? 1 : 0) + (hasLink ? 2 : 0))

/** The flags in the header of a message that has this. */
export const flagLetters = { attachment: 'BD', link: 'CD' } as const
