import { findTextParts } from '@finnigram/contracts'

/** People whom one text may name; further names are plain text. */
const mostNamed = 100

export interface TextFacts {
  hasLink: boolean
  /** Distinct, in lower case, in the order they come; `all` may be among them. */
  usernames: readonly string[]
}

const plain: TextFacts = { hasLink: false, usernames: [] }

/** Most texts have none of this, and need not be read character by character. */
const mayHaveParts = /@|:\/\/|\.[a-z\d]/i

/** What a text says besides its words. */
export function readText(text: string | null): TextFacts {
  if (text === null || !mayHaveParts.test(text)) return plain
  const parts = findTextParts(text)
  if (parts.length === 0) return plain
  const usernames = new Set(parts.flatMap((part) => (part.type === 'mention' ? part.username : [])))
  return {
    hasLink: parts.some(({ type }) => type === 'link'),
    usernames: [...usernames].slice(0, mostNamed),
  }
}
