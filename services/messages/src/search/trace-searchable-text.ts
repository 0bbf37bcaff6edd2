import { clusters, foldCluster, wordLetter, wordMark } from './searchable-text.ts'

/** A searchable text, and for each of its UTF-16 units where in the original the letter it came from starts and ends. */
export interface TracedText {
  text: string
  starts: number[]
  ends: number[]
}

const spacesAndWords = new RegExp(` +|${wordLetter}+`, 'gv')
const cluster = new RegExp(clusters.source, 'suy')
/** No mark is in a unit below this, nor half of a character: what comes before such a unit ends there. */
const firstMark = 0x300
const asciiFolded = Array.from({ length: 0x80 }, (_, code) => foldCluster(String.fromCharCode(code)))

/** The same as `searchableText`, with the way back. */
export function traceSearchableText(original: string): TracedText {
  const folded = traceFolded(original)
  const traced: TracedText = { text: '', starts: [], ends: [] }
  let copied = 0
  const copy = (until: number) => {
    traced.text += folded.text.slice(copied, until)
    for (; copied < until; copied += 1) {
      traced.starts.push(folded.starts[copied] ?? 0)
      traced.ends.push(folded.ends[copied] ?? 0)
    }
  }
  for (const { 0: found, index } of folded.text.matchAll(spacesAndWords)) {
    copy(index)
    if (found.startsWith(' ')) copy(index + 1)
    else {
      const start = folded.starts[index] ?? 0
      append(traced, wordMark, { start, end: start })
      copy(index + found.length)
    }
    copied = index + found.length
  }
  copy(folded.text.length)
  return traced
}

function traceFolded(original: string): TracedText {
  const folded: TracedText = { text: '', starts: [], ends: [] }
  for (let start = 0; start < original.length; ) {
    const end = endOfCluster(original, start)
    const code = original.charCodeAt(start)
    const letter = end === start + 1 ? asciiFolded[code] : undefined
    append(folded, letter ?? foldCluster(original.slice(start, end)), { start, end })
    start = end
  }
  return folded
}

function endOfCluster(text: string, start: number): number {
  if (text.charCodeAt(start) < firstMark && !(text.charCodeAt(start + 1) >= firstMark)) return start + 1
  cluster.lastIndex = start
  return cluster.test(text) ? cluster.lastIndex : start + 1
}

function append(traced: TracedText, text: string, { start, end }: { start: number; end: number }): void {
  traced.text += text
  for (let i = 0; i < text.length; i += 1) {
    traced.starts.push(start)
    traced.ends.push(end)
  }
}
