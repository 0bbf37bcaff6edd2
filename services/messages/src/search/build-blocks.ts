import { setImmediate } from 'node:timers/promises'
import {
  header,
  type ReadMessage,
  readMessage,
  type SearchedMessage,
  stemMark,
  toIndexDocument,
} from './index-document.ts'
import { detectLanguages, type Language } from './languages.ts'
import { createGramBits, gramsOf, type Ngram, wholeGram } from './ngrams.ts'
import type { Database, Stemmer } from './stemmer.ts'

/** Messages of a full block. */
export const blockMessages = 64
/** UTF-16 units of searchable text after which a block is full, too. */
export const blockLength = 32_768

/** Consecutive messages of a conversation, in the form that is searched. */
export interface Block {
  fromSeq: number
  toSeq: number
  oldestAt: Date
  newestAt: Date
  languages: readonly Language[]
  /** A line per seq. */
  lines: string
  /**
   * N-grams of a sealed block: full, or idle. An open block has none, and every search reads it.
   */
  grams: Ngram[] | null
}

/** A block to which messages can be appended. */
export type OpenBlock = Block & { grams: null }

/** Messages that will be one block, in order of `seq`. */
export interface Draft {
  messages: ReadMessage[]
  languages: readonly Language[]
  isFull: boolean
  /** The open block that they are appended to, if any. */
  appendTo: OpenBlock | undefined
}

/**
 * Splits messages, in order of `seq`, into drafts of blocks. All but the last are full. With
 * `isBlock` they stay one full block. With `appendTo` they are appended to that open block.
 */
export async function draftBlocks(
  messages: readonly SearchedMessage[],
  {
    isBlock,
    appendTo,
    yieldAfter,
  }: { isBlock: boolean; appendTo: OpenBlock | undefined; yieldAfter: YieldAfter },
): Promise<Draft[]> {
  const drafts: Draft[] = []
  let taken: ReadMessage[] = []
  let length = 0
  const cut = (isFull: boolean) => {
    if (taken.length === 0) return
    const languages = appendTo?.languages ?? detectLanguages(taken.flatMap(({ words }) => words))
    drafts.push({ messages: taken, languages, isFull, appendTo })
    taken = []
    length = 0
  }
  for (const message of messages) {
    const read = readMessage(message)
    taken.push(read)
    length += read.text.length
    await yieldAfter(read.text.length)
    if (!isBlock && !appendTo && (taken.length === blockMessages || length >= blockLength)) cut(true)
  }
  cut(isBlock)
  return drafts
}

/** Caches the stems of the words in drafts, in the languages of each block. */
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

/** Builds the block of a draft whose words were learned. */
export function finishBlock({ messages, languages, isFull, appendTo }: Draft, stemmer: Stemmer): Block {
  const fromSeq = appendTo ? appendTo.toSeq + 1 : (messages[0]?.message.seq ?? 0)
  const toSeq = messages.at(-1)?.message.seq ?? 0
  const lines = Array.from({ length: toSeq - fromSeq + 1 }, () => '')
  for (const read of messages)
    lines[read.message.seq - fromSeq] = toIndexDocument(read, { languages, stemmer })
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
  return appendTo ? join(appendTo, block) : block
}

const join = (appendTo: OpenBlock, added: Block): Block => ({
  ...appendTo,
  toSeq: added.toSeq,
  oldestAt: new Date(Math.min(appendTo.oldestAt.getTime(), added.oldestAt.getTime())),
  newestAt: new Date(Math.max(appendTo.newestAt.getTime(), added.newestAt.getTime())),
  lines: `${appendTo.lines}\n${added.lines}`,
})

/** The n-grams of lines: of texts, stems, senders and flags. */
export function gramsOfLines(lines: readonly string[]): Ngram[] {
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

/** UTF-16 units of text between two yields: some milliseconds of work. */
const longAtOnce = 16_384

/** Counts processed text, and yields to the event loop when it is enough. */
type YieldAfter = (length: number) => Promise<void>

/** Creates what keeps long work from blocking the event loop. */
export function createYield(): YieldAfter {
  let since = 0
  return async (length) => {
    since += length
    if (since < longAtOnce) return
    since = 0
    await setImmediate()
  }
}
