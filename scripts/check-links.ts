import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { listSources } from './list-sources.ts'

const root = resolve(import.meta.dirname, '..')

/** A link of a document that leads nowhere. */
export interface BrokenLink {
  place: string
  target: string
}

/**
 * Looks at every relative link and picture of every Markdown file: the file must exist, and so must
 * the heading.
 */
export function checkLinks(): BrokenLink[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']
  const paths = execFileSync('git', options, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
  return paths
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) =>
      linksOf(readFileSync(join(root, path), 'utf8'))
        .filter(({ target }) => !leadsSomewhere(path, target))
        .map(({ line, target }) => ({ place: `${path}:${line}`, target })),
    )
}

/**
 * Looks at every name of a file in the comments of the source, such as `sends/store-sends.ts`: some
 * file must have it.
 */
export function checkNamedFiles(): BrokenLink[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard']
  const all = execFileSync('git', options, { cwd: root, encoding: 'utf8' }).split('\n')
  const existing = all.filter((path) => path !== '' && existsSync(join(root, path))).map((path) => `/${path}`)
  return listSources().flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return parseSync(path, text).comments.flatMap(({ value, start }) =>
      [...value.matchAll(/`([\w@./-]+\/[\w.-]+\.(?:tsx?|sql|mjs))`/g)]
        .map(([, target = '']) => target.replace(/^\.\//, ''))
        .filter((target) => !existing.some((one) => one.endsWith(`/${target}`)))
        .map((target) => ({ place: `${path}:${text.slice(0, start).split('\n').length}`, target })),
    )
  })
}

/** Code is no place for links: what looks like one there is not. */
function linksOf(text: string): { line: number; target: string }[] {
  let isCode = false
  return text.split('\n').flatMap((line, index) => {
    if (line.trimStart().startsWith('```')) isCode = !isCode
    if (isCode) return []
    const found = line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)[^)]*\)/g)
    return [...found].map(([, target = '']) => ({ line: index + 1, target }))
  })
}

function leadsSomewhere(path: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true
  const [file = '', heading] = target.split('#')
  const absolute = file === '' ? join(root, path) : join(root, dirname(path), decodeURIComponent(file))
  if (!existsSync(absolute)) return false
  return heading === undefined || headingsOf(readFileSync(absolute, 'utf8')).has(heading)
}

/** The names that headings have in a link, as GitHub and other viewers make them. */
const headingsOf = (text: string) =>
  new Set(
    [...text.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
