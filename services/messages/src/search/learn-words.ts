import type pg from 'pg'
import { type SearchedMessage, searchedText, withoutAccents } from './search-line.ts'
import type { Stemmer } from './stemmer.ts'
import { wordsOf } from './words.ts'

/** Learns the words of messages, with and without their accents. */
export async function learnWords(
  db: Pick<pg.ClientBase, 'query'>,
  {
    messages,
    stemmer,
  }: { messages: readonly Pick<SearchedMessage, 'text' | 'attachments'>[]; stemmer: Stemmer },
): Promise<void> {
  const words = new Set<string>()
  for (const message of messages) {
    for (const word of wordsOf(searchedText(message))) words.add(word).add(withoutAccents(word))
  }
  await stemmer.learn(db, words)
}
