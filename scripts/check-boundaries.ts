import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from 'oxc-parser'
import { isTest, listSources } from './list-sources.ts'

/** One import that goes where it must not. */
export interface Violation {
  path: string
  imported: string
  rule: string
}

const services = ['users', 'messages', 'realtime']

/** What the source of a part may import besides its own files and libraries. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'packages/contracts': [],
  'packages/admission': ['contracts'],
  'packages/service-kit': ['contracts', 'admission'],
  'packages/images': ['service-kit'],
  'packages/client': ['contracts', 'admission'],
  'packages/stack': ['contracts', 'admission', 'service-kit'],
  'packages/testing': ['service-kit'],
  'apps/mobile': ['client', 'contracts'],
  ...Object.fromEntries(
    services.map((name) => [`services/${name}`, ['contracts', 'admission', 'service-kit', 'images']]),
  ),
}

/** Parts that run in Node, browsers and Hermes. */
const everywhere = ['packages/admission', 'packages/client']

/** Every import that breaks the direction in which the parts depend on each other. Tests may use more, but never another service. */
export function checkBoundaries(): Violation[] {
  return listSources().flatMap((path) => importsOf(path).flatMap((imported) => judge(path, imported)))
}

function judge(path: string, imported: string): Violation[] {
  const part = path.split('/').slice(0, 2).join('/')
  const violation = (rule: string) => [{ path, imported, rule }]
  if (imported.startsWith('.')) {
    const target = normalize(join(dirname(path), imported))
    return part in allowed && !target.startsWith(`${part}/`)
      ? violation(`${part} reaches into a neighbour's files`)
      : []
  }
  const own = /^@finnigram\/([\w-]+)/.exec(imported)?.[1]
  if (part === 'packages/contracts' && !isTest(path) && imported !== 'zod') {
    return violation('contracts imports nothing but zod')
  }
  if (everywhere.includes(part) && !isTest(path) && isBuiltin(imported)) {
    return violation(`${part} runs in browsers and on phones too`)
  }
  const mayUse = allowed[part]
  if (!own || !mayUse || mayUse.includes(own) || part.endsWith(`/${own}`)) return []
  if (!isTest(path)) return violation(`${part} may import ${mayUse.join(' and ') || 'no other part'} only`)
  const isService = part.startsWith('services/') && services.includes(own)
  return isService ? violation('services never import one another') : []
}

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)

/** What a file imports, `import()` and `export from` included. */
function importsOf(path: string): string[] {
  const { module } = parseSync(path, readFileSync(path, 'utf8'))
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => {
    const text = readFileSync(path, 'utf8').slice(moduleRequest.start, moduleRequest.end)
    return /^['"`]([^'"`$]+)['"`]$/.exec(text)?.[1]
  })
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.map((entry) => entry.moduleRequest?.value),
  )
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...exported,
    ...dynamic,
  ].filter((name) => name !== undefined)
}
