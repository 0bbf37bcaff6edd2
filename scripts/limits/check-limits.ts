import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { listSources } from '../list-sources.ts'
import { type Bound, collectBounds } from './collect-bounds.ts'

const page = 'docs/limits.md'

/** A place of the page, or of a source that the page does not tell of. */
export interface LimitsFault {
  place: string
  fault: string
}

interface Line {
  number: number
  text: string
  /** What it links to: names of bounds with the files they are in. */
  links: { name: string; path: string }[]
}

/**
 * Compares the list of all limits with the code: every bound, table, Redis key and kept map must be
 * on the page with the number it has, and nothing that the page names may be gone.
 */
export function checkLimits(): LimitsFault[] {
  const lines = readLines()
  const bounds = collectBounds()
  return [
    ...bounds.flatMap((bound) => judgeBound(bound, lines)),
    ...lines.flatMap((line) => judgeLinks(line, bounds)),
    ...judgeNames(lines),
    ...judgeKeys(lines),
  ]
}

const link = /\[`([^`]+)`\]\(([^)]+)\)/g

const readLines = (): Line[] =>
  readFileSync(page, 'utf8')
    .split('\n')
    .map((text, at) => ({
      number: at + 1,
      text,
      links: [...text.matchAll(link)].map(([, name = '', target = '']) => ({
        name,
        path: normalize(join(dirname(page), target)),
      })),
    }))

function judgeBound({ path, name, shown }: Bound, lines: readonly Line[]): LimitsFault[] {
  const own = lines.filter(({ links }) => links.some((one) => one.name === name && one.path === path))
  const written = `[\`${name}\`](../${path})`
  if (own.length === 0) {
    const number = shown === undefined ? '' : `, ${shown},`
    return [{ place: path, fault: `\`${name}\`${number} is not in ${page}: add a row with ${written}` }]
  }
  if (shown === undefined || own.some(({ text }) => says(text, shown))) return []
  const [line] = own
  return [
    { place: `${page}:${line?.number}`, fault: `\`${name}\` of ${path} is ${shown}: correct this line` },
  ]
}

/** Whether a line says a number, and not one that only begins or ends so. */
function says(text: string, shown: string): boolean {
  const plain = text.replace(link, '')
  for (let at = plain.indexOf(shown); at >= 0; at = plain.indexOf(shown, at + 1)) {
    const before = plain.charAt(at - 1)
    const after = plain.charAt(at + shown.length)
    if (!/[\d.,]/.test(before) && !/\d/.test(after)) return true
  }
  return false
}

/**
 * What a line points to is there: a file, and in a source a bound of that name or at least its
 * word.
 */
function judgeLinks({ number, links }: Line, bounds: readonly Bound[]): LimitsFault[] {
  const place = `${page}:${number}`
  return links.flatMap(({ name, path }) => {
    if (!existsSync(path)) return { place, fault: `there is no ${path}` }
    if (bounds.some((bound) => bound.path === path && bound.name === name)) return []
    const word = name.split('.').at(-1) ?? name
    return readFileSync(path, 'utf8').includes(word) ? [] : { place, fault: `${path} has no \`${name}\`` }
  })
}

/**
 * Metrics and settings that the page names exist; tables exist and are all named, as
 * `service.table`.
 */
function judgeNames(lines: readonly Line[]): LimitsFault[] {
  const sources = listSources()
    .filter((path) => /^(packages|services)\//.test(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  const tables = tablesOf()
  const words = lines.flatMap(({ number, text }) =>
    [...text.replace(link, '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => ({ number, word })),
  )
  const gone = words.flatMap(({ number, word }) => {
    const place = `${page}:${number}`
    if (/^[a-z]+(_[a-z]+)+(\{.*\})?$/.test(word)) {
      const metric = word.replace(/\{.*/, '')
      const isOurs = sources.includes(`'${metric}'`) || /^(process|nodejs)_/.test(metric)
      return isOurs ? [] : { place, fault: `there is no metric ${metric}` }
    }
    if (/^(users|messages)\.[a-z_]+$/.test(word) && !tables.includes(word)) {
      return { place, fault: `there is no table ${word}` }
    }
    if (/^[A-Z][A-Z\d]*(_[A-Z\d]+)+$/.test(word) && !sources.includes(word)) {
      return { place, fault: `there is no setting ${word}` }
    }
    return []
  })
  const untold = tables
    .filter((table) => !words.some(({ word }) => word === table))
    .map((table) => ({ place: page, fault: `the table \`${table}\` is missing: say what bounds it` }))
  return [...gone, ...untold]
}

const tablesOf = (): string[] =>
  ['users', 'messages'].flatMap((service) =>
    [...readFileSync(`services/${service}/prisma/schema.prisma`, 'utf8').matchAll(/^model [\s\S]*?^}/gm)].map(
      ([model]) => `${service}.${/@@map\("(\w+)"\)/.exec(model)?.[1]}`,
    ),
  )

/** Every Redis key and channel, `*` for what varies in it. */
function judgeKeys(lines: readonly Line[]): LimitsFault[] {
  const text = lines.map((line) => line.text).join('\n')
  const servers = listSources().filter(
    (path) =>
      /^(services|packages\/(contracts|service-kit|admission))\/.*src\//.test(path) && !/\.test\./.test(path),
  )
  return servers.flatMap((path) => {
    const found = readFileSync(path, 'utf8').matchAll(/['`]((?:\{)?finnigram:[^'`]*)['`]/g)
    return [...found].flatMap(([, key = '']) => {
      const shown = key.replace(/\$\{[^}]*\}/g, '*')
      return text.includes(`\`${shown}\``)
        ? []
        : { place: path, fault: `the Redis key \`${shown}\` is not in ${page}` }
    })
  })
}
