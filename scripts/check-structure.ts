import { existsSync } from 'node:fs'
import { findCircles, type ImportGraph, importersOf, reachedFrom, readImportGraph } from './import-graph.ts'
import { isTest, listSources } from './list-sources.ts'

/** Source files, tests left out: fewer places to open, each of them a concept. */
const mostSources = 750
/** Own files from the composer's send to the other person's bubble. */
const mostOnTheWay = 65

/** A stretch of the way on which one file reaches the other by imports. */
interface Hop {
  from: string
  to: string
}

/**
 * The way of a message. Between two hops it crosses a process, a socket or a function that was
 * handed in, which no import shows.
 */
export const messageHops: readonly Hop[] = []

/**
 * Files of the way of a message, hop by hop: those that lie on an import from its first to its
 * last.
 */
export function messageWay(): { hop: Hop; files: string[] }[] {
  const graph = readImportGraph({ types: false })
  return messageHops.map((hop) => ({ hop, files: filesBetween(graph, hop) }))
}

/** What breaks the bars for the shape of the code; each line says what and how much. */
export function checkStructure(): string[] {
  const sources = listSources().filter((path) => !isTest(path))
  const circles = findCircles(readImportGraph({ types: true }))
  const way = messageWay()
  const onTheWay = new Set(way.flatMap(({ files }) => files))
  return [
    ...(sources.length > mostSources ? [`${sources.length} source files (≤ ${mostSources})`] : []),
    ...circles.map((circle) => `import circle: ${circle.join(' → ')}`),
    ...way
      .filter(({ files }) => files.length === 0)
      .map(({ hop: { from, to } }) => `${from} reaches ${to} by no import: mend the hops of the way`),
    ...(onTheWay.size > mostOnTheWay
      ? [`${onTheWay.size} files on the way of a message (≤ ${mostOnTheWay})`]
      : []),
  ]
}

function filesBetween(graph: ImportGraph, { from, to }: Hop): string[] {
  if (!existsSync(from) || !existsSync(to)) return []
  const reaching = importersOf(graph, to)
  return [...reachedFrom(graph, from)].filter((path) => reaching.has(path))
}
