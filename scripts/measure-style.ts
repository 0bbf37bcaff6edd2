import { readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'
import { isTest, listSources } from './list-sources.ts'

export interface StyleFigures {
  files: { path: string; lines: number }[]
  functions: { place: string; lines: number }[]
  /** Places of the type `any`. */
  anyTypes: string[]
  sourceLines: number
  testLines: number
}

/**
 * Measures what style.md sets numbers for, over all hand-written sources; tests count for their
 * lines only.
 */
export function measureStyle(): StyleFigures {
  const figures: StyleFigures = { files: [], functions: [], anyTypes: [], sourceLines: 0, testLines: 0 }
  for (const path of listSources()) {
    const text = readFileSync(path, 'utf8')
    const lines = text.trimEnd().split('\n').length
    if (isTest(path)) {
      figures.testLines += lines
      continue
    }
    figures.sourceLines += lines
    figures.files.push({ path, lines })
    visit(path, text, figures)
  }
  return figures
}

/** The value that `share` of the numbers do not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

function visit(path: string, text: string, figures: StyleFigures) {
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const measure = ({ start, end }: { start: number; end: number }) => {
    const from = lineOf(start)
    figures.functions.push({ place: `${path}:${from}`, lines: lineOf(end) - from + 1 })
  }
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    // A one-line arrow says nothing about long functions.
    ArrowFunctionExpression: (node) => void (node.body.type === 'BlockStatement' && measure(node)),
    TSAnyKeyword: ({ start }) => void figures.anyTypes.push(`${path}:${lineOf(start)}`),
  }).visit(parseSync(path, text).program)
}
