import { newId } from '@finnigram/contracts'
import { type ArchiveLanguage, isSpaced, languages, vocabularyOf } from './archive-words.ts'
import { type Random, seededRandom, zipf } from './random.ts'

export interface ArchiveSize {
  messages: number
  conversations: number
}

export interface PlannedConversation {
  id: string
  language: ArchiveLanguage
  topic: number
  people: string[]
  /** How many messages it has by now. */
  count: number
}

export interface PlannedMessage {
  conversation: PlannedConversation
  seq: number
  senderId: string
  text: string
  hasLink: boolean
  file: string | undefined
}

/** Half of the conversations are in English. */
const shares: Record<ArchiveLanguage, number> = {
  en: 0.5,
  de: 0.1,
  fr: 0.08,
  es: 0.08,
  ru: 0.08,
  pt: 0.04,
  zh: 0.08,
  ja: 0.04,
}
const topics = 20
/** Words that a topic's conversations use in one message of twenty, and others never. */
export const topicWord = (topic: number): string => `topic${'abcdefghijklmnopqrst'.charAt(topic)}ish`
/** A word that is once in the archive for every number. */
export const rareWord = (number: number): string => `unikum${number.toString(36)}quark`
/** One message in so many has such a word. */
const rareEvery = 1000

/** The conversations of an archive, the busiest first. */
export function planConversations({ conversations }: ArchiveSize): PlannedConversation[] {
  const random = seededRandom(1)
  const people = Array.from({ length: 2000 }, newId)
  const pick = () => people[Math.floor(random() * people.length)] ?? ''
  return Array.from({ length: conversations }, (_, i) => ({
    id: newId(),
    language: languageAt(random()),
    topic: i % topics,
    people: [...new Set(Array.from({ length: 2 + Math.floor(random() * 8) }, pick))],
    count: 0,
  }))
}

function languageAt(share: number): ArchiveLanguage {
  let sum = 0
  for (const language of languages) {
    sum += shares[language]
    if (sum > share) return language
  }
  return 'en'
}

/** The messages of an archive in the order they are said: words and conversations by Zipf's law. */
export function* planMessages(
  { messages }: ArchiveSize,
  conversations: readonly PlannedConversation[],
): Generator<PlannedMessage> {
  const random = seededRandom(2)
  const nextConversation = zipf(conversations.length, random, 5)
  const say = Object.fromEntries(languages.map((language) => [language, speaker(language, random)]))
  for (let i = 0; i < messages; i += 1) {
    const conversation = conversations[nextConversation()]
    if (!conversation) return
    conversation.count += 1
    const hasLink = random() < 0.05
    const words = [say[conversation.language]?.() ?? '']
    if (random() < 0.05) words.push(topicWord(conversation.topic))
    if (hasLink) words.push(`https://example.com/${Math.floor(random() * 1e6).toString(36)}?page=${i % 97}`)
    if (i % rareEvery === 0) words.push(rareWord(i / rareEvery))
    yield {
      conversation,
      seq: conversation.count,
      senderId: conversation.people[Math.floor(random() ** 2 * conversation.people.length)] ?? '',
      text: words.join(' '),
      hasLink,
      file: random() < 0.02 ? `Report_${i % 500}_final.pdf` : undefined,
    }
  }
}

/** Says one message of 1 to some 40 words. */
function speaker(language: ArchiveLanguage, random: Random): () => string {
  const vocabulary = vocabularyOf(language, random)
  const next = zipf(vocabulary.length, random)
  const mean = isSpaced(language) ? 9 : 18
  const separator = isSpaced(language) ? ' ' : ''
  return () => {
    const length = 1 + Math.min(4 * mean, Math.floor(-Math.log(1 - random()) * mean))
    return Array.from({ length }, () => vocabulary[next()] ?? '').join(separator)
  }
}
