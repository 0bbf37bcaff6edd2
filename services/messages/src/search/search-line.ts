import type { Attachment } from '@finnigram/contracts'
import { type Language, languagesOf } from './languages.ts'
import { lettersOf, timeLetters } from './search-place.ts'
import { searchableText } from './searchable-text.ts'
import type { Stemmer } from './stemmer.ts'
import { wordsOf } from './words.ts'

/** A message as far as it is searched. */
export interface SearchedMessage {
  seq: number
  senderId: string
  text: string | null
  attachments: Attachment[]
  hasLink: boolean
  deletedAt: Date | null
  createdAt: Date
}

/** A message with its searchable text, and its words as they are written. Empty where it was deleted. */
export interface ReadMessage {
  message: SearchedMessage
  text: string
  words: readonly string[]
}

/** Stands before and after every stem in a line. */
export const stemMark = '\u0003'

/** What a line begins with: when the message was sent, who sent it, what it has. Capital letters, which no searchable text holds. */
export const header = { timeLength: 11, senderLength: 8, length: 20 } as const

/** Everything of a message that is searched, as it is written. */
export const searchedText = ({ text, attachments }: Pick<SearchedMessage, 'text' | 'attachments'>): string =>
  [text ?? '', ...attachments.map(({ name }) => name)].join('\n').trim()

export function readMessage(message: SearchedMessage): ReadMessage {
  const written = message.deletedAt === null ? searchedText(message) : ''
  return { message, text: searchableText(written), words: wordsOf(written) }
}

/**
 * A message as one line of a block: the header, the searchable text, the stems of its words (which must have been learned)
 * in the languages of the block. Empty for a message in which nothing can be found.
 */
export function searchLine(
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

/** Enough of a sender's id to tell most people apart. */
export const senderLetters = (id: string): string => lettersOf(id.slice(-header.senderLength))

/** A: neither, B: files, C: a link, D: both. */
const flagLetter = ({ attachments, hasLink }: SearchedMessage) =>
  String.fromCharCode(65 + (attachments.length > 0 ? 1 : 0) + (hasLink ? 2 : 0))

/** The letters a message has in its header that has this. */
export const flagLetters = { attachment: 'BD', link: 'CD' } as const
