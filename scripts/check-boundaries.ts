import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { importsOf } from './import-graph.ts'
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
  'packages/text': [],
  'packages/contracts': ['text'],
  'packages/admission': ['contracts'],
  'packages/service-kit': ['contracts', 'text', 'admission'],
  'packages/images': [],
  'packages/client': ['contracts', 'text', 'admission'],
  'packages/gateway': ['contracts', 'admission', 'service-kit'],
  'packages/stack': ['contracts', 'admission', 'service-kit', 'gateway'],
  'packages/testing': ['service-kit'],
  'apps/mobile': ['client', 'contracts', 'text'],
  ...Object.fromEntries(
    services.map((name) => [`services/${name}`, ['contracts', 'text', 'admission', 'service-kit', 'images']]),
  ),
}

const app = 'apps/mobile/src'
/** The one file of the app shell that knows the features: it mounts their screens. */
const screenMount = `${app}/app-shell/root.tsx`

/** Parts that run in Node, browsers and Hermes. */
const everywhere = ['packages/text', 'packages/admission', 'packages/client']

/**
 * Every import that breaks the direction in which the parts depend on each other. Tests may use
 * more, but never another service.
 */
export function checkBoundaries(): Violation[] {
  return listSources().flatMap((path) => importsOf(path).flatMap(({ specifier }) => judge(path, specifier)))
}

function judge(path: string, imported: string): Violation[] {
  const part = path.split('/').slice(0, 2).join('/')
  const violation = (rule: string) => [{ path, imported, rule }]
  if (imported.startsWith('.')) {
    const target = normalize(join(dirname(path), imported))
    const isShell = path.startsWith(`${app}/app-shell/`) && path !== screenMount
    if (isShell && target.startsWith(`${app}/features/`)) {
      return violation('only root.tsx of the app shell imports features')
    }
    return part in allowed && !target.startsWith(`${part}/`)
      ? violation(`${part} reaches into a neighbour's files`)
      : []
  }
  const own = /^@finnigram\/([\w-]+)/.exec(imported)?.[1]
  if (part === 'packages/contracts' && !isTest(path) && !['zod', '@finnigram/text'].includes(imported)) {
    return violation('contracts imports nothing but zod and text')
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
