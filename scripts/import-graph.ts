import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from 'oxc-parser'
import { listSources } from './list-sources.ts'

/** One import of a file, as it is written. */
interface Import {
  specifier: string
  /** Erased before the code runs. */
  isTypeOnly: boolean
}

/** Own files and what they import of each other, by path in the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const endings = ['', '.ts', '.tsx', '.web.ts', '.web.tsx', '.native.ts', '.native.tsx']

/** What a file imports, `import()` and `export … from` included. */
export function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8')
  const { module } = parseSync(path, text)
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const specifier = /^['"`]([^'"`$]+)['"`]$/.exec(text.slice(start, end))?.[1]
    return specifier === undefined ? [] : [{ specifier, isTypeOnly: false }]
  })
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ specifier: moduleRequest.value, isTypeOnly: isType }] : [],
    ),
  )
  const imported = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    isTypeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
  }))
  return [...imported, ...exported, ...dynamic]
}

/**
 * The imports between own files, packages of the workspace among them. `types: false` leaves out
 * what is erased before the code runs.
 */
export function readImportGraph({ types }: { types: boolean }): ImportGraph {
  const paths = new Set(listSources())
  const entries = readEntries(paths)
  const resolve = (from: string, specifier: string): string | undefined => {
    if (!specifier.startsWith('.')) return entries.get(specifier)
    const base = normalize(join(dirname(from), specifier))
    return endings.map((ending) => base + ending).find((path) => paths.has(path))
  }
  const targets = (path: string) =>
    importsOf(path)
      .filter(({ isTypeOnly }) => types || !isTypeOnly)
      .flatMap(({ specifier }) => resolve(path, specifier) ?? [])
  return new Map([...paths].map((path) => [path, [...new Set(targets(path))]]))
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
export function findCircles(graph: ImportGraph): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []
  const visit = (path: string): void => {
    order.set(path, order.size)
    lowest.set(path, order.get(path) ?? 0)
    open.push(path)
    for (const next of graph.get(path) ?? []) {
      if (!order.has(next)) visit(next)
      else if (!open.includes(next)) continue
      lowest.set(path, Math.min(lowest.get(path) ?? 0, lowest.get(next) ?? 0))
    }
    if (lowest.get(path) !== order.get(path)) return
    const circle = open.splice(open.indexOf(path))
    if (circle.length > 1) circles.push(circle)
  }
  for (const path of graph.keys()) if (!order.has(path)) visit(path)
  return circles
}

/** The entry files of the workspace's packages, by the name that they are imported by. */
function readEntries(paths: ReadonlySet<string>): Map<string, string> {
  const manifests = new Set([...paths].map((path) => join(...path.split('/').slice(0, 2), 'package.json')))
  const entries = new Map<string, string>()
  for (const manifest of manifests) {
    for (const [subpath, target] of Object.entries(exportsOf(manifest))) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }
      entries.set(join(name, subpath), join(dirname(manifest), target))
    }
  }
  return entries
}

function exportsOf(manifest: string): Record<string, string> {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: Record<string, string> }).exports ?? {}
  } catch {
    return {}
  }
}
