import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../config.ts'
import { type ServiceName, serviceNames } from '../services/service-environment.ts'

/** What development restarts. */
export type Target = ServiceName | 'gateway'

/**
 * A save touches a file several times, and a checkout touches many: changes are gathered this long.
 */
const debounceMs = 200
const watchedFolders = ['src', 'prisma', 'sql']
const isSource = (path: string) =>
  /\.(ts|sql|prisma)$/.test(path) && !/\.test\.ts$|(^|\/)(generated|testing)\//.test(path)

/**
 * Watches the sources of services and packages, and calls `onChange` with the files that changed,
 * paths from the repository's root. The app is not watched: Metro does that.
 */
export function watchSources(onChange: (paths: string[]) => void): Disposable {
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    const paths = [...changed]
    changed.clear()
    onChange(paths)
  }
  const watchers = listParts()
    .flatMap((part) => watchedFolders.map((folder) => `${part}/${folder}`))
    .filter((folder) => existsSync(inRoot(folder)))
    .map((folder) =>
      watch(inRoot(folder), { recursive: true }, (_event, name) => {
        if (name === null || !isSource(name)) return
        changed.add(`${folder}/${name}`)
        clearTimeout(timer)
        timer = setTimeout(flush, debounceMs)
      }),
    )
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** Every service and package, such as `services/users`. */
const listParts = () =>
  ['services', 'packages'].flatMap((parent) => readdirSync(inRoot(parent)).map((name) => `${parent}/${name}`))

/**
 * Answers what must restart when a file changed: what it belongs to, or what imports its package,
 * directly or through another one. Imports are read once, so a new one counts from the next start.
 */
export function createTargetFinder(): (path: string) => Target[] {
  const imports = new Map(listParts().map((part) => [part.split('/')[1] ?? '', importsOf(part)]))
  const closureOf = (name: string, known = new Set<string>()): Set<string> => {
    if (known.has(name)) return known
    known.add(name)
    for (const imported of imports.get(name) ?? []) closureOf(imported, known)
    return known
  }
  const targets: readonly Target[] = [...serviceNames, 'gateway']
  const closures = targets.map((target) => [target, closureOf(target)] as const)
  return (path) => {
    // Preloaded into every service, which imports it in no file.
    if (path.endsWith('gateway/src/receive-socket.ts')) return [...serviceNames]
    const [, name = ''] = path.split('/')
    return closures.flatMap(([target, closure]) => (closure.has(name) ? [target] : []))
  }
}

/** The packages of ours that the sources of a part import. */
function importsOf(part: string): Set<string> {
  const folder = inRoot(part, 'src')
  if (!existsSync(folder)) return new Set()
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isSource)
  return new Set(
    paths.flatMap((path) =>
      [...readFileSync(join(folder, path), 'utf8').matchAll(/from '@finnigram\/([\w-]+)/g)].map(
        ([, name = '']) => name,
      ),
    ),
  )
}
