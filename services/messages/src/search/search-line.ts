import type { Attachment } from '@finnigram/contracts'
import { isLatin, type Language } from './languages.ts'
import { lettersOf, timeLetters } from './search-place.ts'
import { searchableText, wordMark } from './searchable-text.ts'
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

/** Stands before and after every stem in a line. */
export const stemMark = '\u0003'

/** What a line begins with: when the message was sent, who sent it, what it has. Capital letters, which no searchable text holds. */
export const header = { timeLength: 11, senderLength: 8, length: 20 } as const

/** Everything of a message that is searched, as it is written. */
export const searchedText = ({ text, attachments }: Pick<SearchedMessage, 'text' | 'attachments'>): string =>
  [text ?? '', ...attachments.map(({ name }) => name)].join('\n').trim()

/**
 * A message as one line of a block: the header, the searchable text, the stems of its words in the languages of the
 * block. Empty for a message in which nothing can be found.
 */
export function searchLine(
  message: SearchedMessage,
  { languages, stemmer }: { languages: ReadonlySet<Language>; stemmer: Stemmer },
): string {
  const written = searchedText(message)
  if (message.deletedAt !== null || written === '') return ''
  const stems = new Set<string>()
  for (const word of wordsOf(written)) {
    for (const [language, stem] of stemsIn(word, stemmer)) {
      if (!isLatin(language) || languages.has(language)) stems.add(stem)
    }
  }
  const end = stems.size === 0 ? '' : `${stemMark}${[...stems].join(stemMark)}${stemMark}`
  return `${timeLetters(message.createdAt.getTime())}${senderLetters(message.senderId)}${flagLetter(message)}${searchableText(written)}${end}`
}

/** The stems of a word as it is written and as it is written without accents. */
export function stemsIn(word: string, stemmer: Stemmer): [Language, string][] {
  const plain = withoutAccents(word)
  return [...stemmer.formsOf(word).stems, ...(plain === word ? [] : stemmer.formsOf(plain).stems)]
}

/** A word and its form without accents, both of which have stems. */
export const withoutAccents = (word: string): string => searchableText(word).replaceAll(wordMark, '')

/** Enough of a sender's id to tell most people apart. */
export const senderLetters = (id: string): string => lettersOf(id.slice(-header.senderLength))

/** A: neither, B: files, C: a link, D: both. */
const flagLetter = ({ attachments, hasLink }: SearchedMessage) =>
  String.fromCharCode(65 + (attachments.length > 0 ? 1 : 0) + (hasLink ? 2 : 0))

/** The letters a message has in its header that has this. */
export const flagLetters = { attachment: 'BD', link: 'CD' } as const
