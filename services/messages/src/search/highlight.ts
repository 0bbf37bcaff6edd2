import type { Highlight, Message } from '@finnigram/contracts'
import type { Language } from './languages.ts'
import type { PlannedTerm, WordForms } from './plan-search.ts'
import { type PlacedWord, type TracedText, traceSearchableText } from './searchable-text.ts'

/** Highlights at most. */
const most = 100
/** Of one term, before merging. */
const mostOfTerm = 1000

/** A message with the words of its text. */
interface WordedMessage {
  message: Pick<Message, 'text'>
  languages: readonly Language[]
  words: readonly PlacedWord[]
}

/**
 * Where a text matches, in order and without overlaps: the part itself, or the whole word where it
 * is another form. The words must have been learned.
 */
export function highlight(
  { message: { text }, languages, words }: WordedMessage,
  { terms, forms }: { terms: readonly PlannedTerm[]; forms: WordForms },
): Highlight[] {
  if (text === null) return []
  const traced = traceSearchableText(text)
  const parts = terms.flatMap(({ needle }) => partsWith(needle, traced))
  for (const { word, start, end } of words) {
    if (forms.termsOf(word, languages) !== 0) parts.push({ start, end })
  }
  return merge(parts).slice(0, most)
}

function partsWith(needle: string, { text, starts, ends }: TracedText): Highlight[] {
  const parts: Highlight[] = []
  let at = text.indexOf(needle)
  for (; at >= 0 && parts.length < mostOfTerm; at = text.indexOf(needle, at + needle.length)) {
    parts.push({ start: starts[at] ?? 0, end: ends[at + needle.length - 1] ?? 0 })
  }
  return parts
}

function merge(parts: Highlight[]): Highlight[] {
  const merged: Highlight[] = []
  for (const part of parts.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1)
    if (last && part.start < last.end) last.end = Math.max(last.end, part.end)
    else merged.push({ ...part })
  }
  return merged
}
