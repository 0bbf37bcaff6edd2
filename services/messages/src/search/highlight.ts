import type { Highlight } from '@finnigram/contracts'
import type { Language } from './languages.ts'
import { isFormOf } from './match-message.ts'
import type { PlannedTerm } from './plan-search.ts'
import { type TracedText, traceSearchableText } from './searchable-text.ts'
import type { Stemmer } from './stemmer.ts'
import { placedWords } from './words.ts'

/** Parts that are shown at most. */
const most = 100

/** Where a text has what was searched for, in order and without overlaps: the part itself, or the whole word where it is another form. The words must have been learned. */
export function highlight(
  text: string,
  {
    terms,
    languages,
    stemmer,
  }: { terms: readonly PlannedTerm[]; languages: readonly Language[]; stemmer: Stemmer },
): Highlight[] {
  const traced = traceSearchableText(text)
  const parts = terms.flatMap(({ needle }) => partsWith(needle, traced))
  for (const { word, start, end } of placedWords(text)) {
    if (terms.some((term) => isFormOf(word, { term, languages, stemmer }))) parts.push({ start, end })
  }
  return merge(parts).slice(0, most)
}

function partsWith(needle: string, { text, starts, ends }: TracedText): Highlight[] {
  const parts: Highlight[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
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
