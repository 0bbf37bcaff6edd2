import { detectLanguages } from './detect-languages.ts'
import { createGramBits, type Gram, gramsOf, wholeGram } from './grams.ts'
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
import type { Rest } from './take-rests.ts'

/** Messages of a full block. */
export const blockMessages = 64
/** Or as many UTF-16 units of searchable text, if that is less. */
export const blockLength = 32_768

/** Consecutive messages of a conversation, as they are searched. */
export interface Block {
  fromSeq: number
  toSeq: number
  oldestAt: Date
  newestAt: Date
  languages: readonly Language[]
  /** A line per seq. */
  lines: string
  /** Of a full block, or a quiet one: one that grows is always read. */
  grams: Gram[] | null
}

/** A block that messages can be added to as it is. */
export type GrowingBlock = Block & { grams: null }

/** Messages that are to be one block, in order of seq. */
export interface Draft {
  messages: ReadMessage[]
  languages: readonly Language[]
  isFull: boolean
  /** The block before them, if they are added to one. */
  grown: GrowingBlock | undefined
}

/** Makes messages, in order of seq, into blocks; all but the last are full, and that may be. With `isBlock` they stay the one full block that they were; with `grown` they are added to that. */
export async function draftBlocks(
  messages: readonly SearchedMessage[],
  { isBlock, grown, rest }: { isBlock: boolean; grown: GrowingBlock | undefined; rest: Rest },
): Promise<Draft[]> {
  const drafts: Draft[] = []
  let taken: ReadMessage[] = []
  let length = 0
  const cut = (isFull: boolean) => {
    if (taken.length === 0) return
    const languages = grown?.languages ?? detectLanguages(taken.flatMap(({ words }) => words))
    drafts.push({ messages: taken, languages, isFull, grown })
    taken = []
    length = 0
  }
  for (const message of messages) {
    const read = readMessage(message)
    taken.push(read)
    length += read.text.length
    await rest(read.text.length)
    if (!isBlock && !grown && (taken.length === blockMessages || length >= blockLength)) cut(true)
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
export function finishBlock({ messages, languages, isFull, grown }: Draft, stemmer: Stemmer): Block {
  const fromSeq = grown ? grown.toSeq + 1 : (messages[0]?.message.seq ?? 0)
  const toSeq = messages.at(-1)?.message.seq ?? 0
  const lines = Array.from({ length: toSeq - fromSeq + 1 }, () => '')
  for (const read of messages) lines[read.message.seq - fromSeq] = searchLine(read, { languages, stemmer })
  const times = messages.map(({ message }) => message.createdAt.getTime())
  const block = {
    fromSeq,
    toSeq,
    oldestAt: new Date(Math.min(...times)),
    newestAt: new Date(Math.max(...times)),
    languages,
    lines: lines.join('\n'),
    grams: isFull ? gramsOfLines(lines) : null,
  }
  return grown ? join(grown, block) : block
}

const join = (grown: GrowingBlock, added: Block): Block => ({
  ...grown,
  toSeq: added.toSeq,
  oldestAt: new Date(Math.min(grown.oldestAt.getTime(), added.oldestAt.getTime())),
  newestAt: new Date(Math.max(grown.newestAt.getTime(), added.newestAt.getTime())),
  lines: `${grown.lines}\n${added.lines}`,
})

/** All that lines are made of. */
export function gramsOfLines(lines: readonly string[]): Gram[] {
  const grams = createGramBits()
  for (const line of lines) {
    if (line === '') continue
    const sender = line.slice(header.timeLength, header.timeLength + header.senderLength)
    const [text = '', ...stems] = line.slice(header.length).split(stemMark)
    gramsOf(text, grams)
    grams.add(wholeGram('sender', sender))
    grams.add(wholeGram('has', line.charAt(header.length - 1)))
    for (const stem of stems) grams.add(wholeGram('stem', stem))
  }
  return grams.toArray()
}
