import { detectLanguages } from './detect-languages.ts'
import { type Gram, gramsOf, wholeGram } from './grams.ts'
import type { Language } from './languages.ts'
import { header, type SearchedMessage, searchedText, searchLine, stemMark } from './search-line.ts'
import type { Stemmer } from './stemmer.ts'

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
  languages: Language[]
  /** A line per seq. */
  lines: string
  /** Only of a full block: one that still grows is always read. */
  grams: Gram[] | null
}

/** Makes blocks of messages in order of seq, whose words must have been learned; all but the last are full, and that may be. */
export function buildBlocks(messages: readonly SearchedMessage[], stemmer: Stemmer): Block[] {
  const blocks: Block[] = []
  let taken: SearchedMessage[] = []
  let length = 0
  for (const message of messages) {
    taken.push(message)
    length += message.text?.length ?? 0
    if (taken.length < blockMessages && length < blockLength) continue
    blocks.push(buildBlock(taken, { stemmer, isFull: true }))
    taken = []
    length = 0
  }
  if (taken.length > 0) blocks.push(buildBlock(taken, { stemmer, isFull: false }))
  return blocks
}

/** Makes one block of these messages, as full as it is said to be. Their words must have been learned. */
export function buildBlock(
  messages: readonly SearchedMessage[],
  { stemmer, isFull }: { stemmer: Stemmer; isFull: boolean },
): Block {
  const languages = detectLanguages(messages.map(searchedText), stemmer)
  const fromSeq = messages[0]?.seq ?? 0
  const toSeq = messages.at(-1)?.seq ?? 0
  const lines = Array.from({ length: toSeq - fromSeq + 1 }, () => '')
  for (const message of messages) lines[message.seq - fromSeq] = searchLine(message, { languages, stemmer })
  const times = messages.map(({ createdAt }) => createdAt.getTime())
  return {
    fromSeq,
    toSeq,
    oldestAt: new Date(Math.min(...times)),
    newestAt: new Date(Math.max(...times)),
    languages: [...languages],
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
