import { detectLanguages } from './detect-languages.ts'
import { type Gram, gramsOf, wholeGram } from './grams.ts'
import type { Language } from './languages.ts'
import {
  header,
  type ReadMessage,
  readMessage,
  type SearchedMessage,
  searchLine,
  stemMark,
} from './search-line.ts'
import type { Database, Stemmer } from './stemmer.ts'

/** Messages of a full block. */
export const blockMessages = 64
/** Or as many UTF-16 units, if that is less. */
const blockLength = 32_768

/** Consecutive messages of a conversation, as they are searched. */
export interface Block {
  fromSeq: number
  toSeq: number
  oldestAt: Date
  newestAt: Date
  languages: readonly Language[]
  /** A line per seq. */
  lines: string
  /** Only of a full block: one that still grows is always read. */
  grams: Gram[] | null
}

/** Messages that are to be one block, in order of seq. */
interface Draft {
  messages: ReadMessage[]
  languages: readonly Language[]
  isFull: boolean
}

/** Makes messages, in order of seq, into blocks; all but the last are full, and that may be. With `isBlock` they stay the one full block that they were. */
export function draftBlocks(
  messages: readonly SearchedMessage[],
  { isBlock }: { isBlock: boolean },
): Draft[] {
  const drafts: Draft[] = []
  let taken: ReadMessage[] = []
  let length = 0
  const cut = (isFull: boolean) => {
    if (taken.length === 0) return
    const languages = detectLanguages(taken.flatMap(({ words }) => words))
    drafts.push({ messages: taken, languages, isFull })
    taken = []
    length = 0
  }
  for (const message of messages) {
    taken.push(readMessage(message))
    length += message.text?.length ?? 0
    if (!isBlock && (taken.length === blockMessages || length >= blockLength)) cut(true)
  }
  cut(isBlock)
  return drafts
}

/** Learns the words of drafts, each in the languages of its block. */
export async function learnDrafts(
  db: Database,
  { drafts, stemmer }: { drafts: readonly Draft[]; stemmer: Stemmer },
): Promise<void> {
  const byLanguages = Map.groupBy(drafts, ({ languages }) => languages.toSorted().join())
  for (const alike of byLanguages.values()) {
    const words = alike.flatMap(({ messages }) => messages.flatMap((message) => message.words))
    await stemmer.learn(db, words, alike[0]?.languages)
  }
}

/** The block of a draft whose words were learned. */
export function finishBlock({ messages, languages, isFull }: Draft, stemmer: Stemmer): Block {
  const fromSeq = messages[0]?.message.seq ?? 0
  const toSeq = messages.at(-1)?.message.seq ?? 0
  const lines = Array.from({ length: toSeq - fromSeq + 1 }, () => '')
  for (const read of messages) lines[read.message.seq - fromSeq] = searchLine(read, { languages, stemmer })
  const times = messages.map(({ message }) => message.createdAt.getTime())
  return {
    fromSeq,
    toSeq,
    oldestAt: new Date(Math.min(...times)),
    newestAt: new Date(Math.max(...times)),
    languages,
    lines: lines.join('\n'),
    grams: isFull ? gramsOfLines(lines) : null,
  }
}

function gramsOfLines(lines: readonly string[]): Gram[] {
  const grams = new Set<Gram>()
  for (const line of lines) {
    if (line === '') continue
    const sender = line.slice(header.timeLength, header.timeLength + header.senderLength)
    const [text = '', ...stems] = line.slice(header.length).split(stemMark)
    gramsOf(text, grams)
      .add(wholeGram('sender', sender))
      .add(wholeGram('has', line.charAt(header.length - 1)))
    for (const stem of stems) grams.add(wholeGram('stem', stem))
  }
  return [...grams].sort((a, b) => a - b)
}
