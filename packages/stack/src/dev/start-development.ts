import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type Gateway, type GatewayOptions, startGateway } from '@finnigram/gateway'
import { inRoot, type StackConfig } from '../config.ts'
import type { Crash } from '../process/supervised-process.ts'
import { waitUntilReady } from '../process-handles.ts'
import { silent } from '../progress.ts'
import { generateClients } from '../services/generate-clients.ts'
import type { ServiceNode } from '../services/start-services.ts'
import { type Stack, type StackOptions, startStack } from '../start-stack.ts'
import { startMetro } from './start-metro.ts'
import { createTargetFinder, type Target, watchSources } from './watch-sources.ts'

/**
 * `npm run dev`: the product as `npm start` runs it, on the same data, which follows its sources.
 *
 * - A changed service restarts gracefully, node after node; a changed package restarts what imports
 *   it. PostgreSQL and Redis keep running.
 * - A changed gateway is imported anew and takes over the port. Sockets that were handed off stay.
 * - The app comes from Metro behind the gateway, at the origin of the API, and refreshes by itself.
 * - Each event is one line. A node that does not come up stays away until the next change.
 *
 * What it never does: restart on a change of the stack itself, which it only reports.
 */
export async function startDevelopment(config: StackConfig, options: StackOptions = {}): Promise<Stack> {
  const { progress = silent } = options
  await using resources = new AsyncDisposableStack()
  const gateway = createReloadableGateway()
  const crashes = createCrashWatch(options.onCrash)
  const stack = await startStack(config, {
    ...options,
    onCrash: crashes.onCrash,
    startGateway: gateway.start,
    prepareApp: async (shown, context) => void resources.use(await startMetro(shown, context)),
  })
  resources.use(stack)
  const restart = async (target: Target, { path, signal }: { path: string; signal: AbortSignal }) => {
    if (target === 'gateway') return gateway.reload()
    if (path.endsWith('.prisma')) await generateClients({ environment: config.environment, signal })
    for (const node of stack.nodes.filter(({ service }) => service === target)) {
      using crash = crashes.next(node.process.name)
      await restartNode(node, { signal, crashed: crash.promise })
    }
  }
  const requestRestart = createRestartQueue(restart, (line) => progress.say(line))
  const targetsOf = createTargetFinder()
  resources.use(
    watchSources((paths) => {
      const byTarget = new Map(paths.flatMap((path) => targetsOf(path).map((target) => [target, path])))
      for (const [target, path] of byTarget) requestRestart(target, path)
      const own = paths.find((path) => path.startsWith('packages/stack/'))
      if (own) progress.say(`  ! ${own} changed: Ctrl-C and npm run dev start the stack anew`)
    }),
  )
  const running = resources.move()
  return { ...stack, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

type Restart = (target: Target, change: { path: string; signal: AbortSignal }) => Promise<void>

/** Restarts one target at a time of its kind. A newer change ends the wait for an older one. */
function createRestartQueue(restart: Restart, say: (line: string) => void) {
  const latest = new Map<Target, { cancel: AbortController; done: Promise<void> }>()
  const run = async (target: Target, { path, signal }: { path: string; signal: AbortSignal }) => {
    const begun = performance.now()
    try {
      await restart(target, { path, signal })
      say(`  ↻ ${target} restarted in ${((performance.now() - begun) / 1_000).toFixed(1)} s (${path})`)
    } catch (error) {
      if (signal.aborted) return
      const cause = error instanceof Error ? error.message : String(error)
      say(`  ✗ ${target} did not restart (${path}): ${cause.replaceAll('\n', '\n    ')}`)
    }
  }
  return (target: Target, path: string): void => {
    const before = latest.get(target)
    before?.cancel.abort(new Error('changed again'))
    const cancel = new AbortController()
    const { signal } = cancel
    const done = (before?.done ?? Promise.resolve()).then(() =>
      signal.aborted ? undefined : run(target, { path, signal }),
    )
    latest.set(target, { cancel, done })
  }
}

/** Stops a node gracefully and starts it again. One that crashes at its start is stopped. */
async function restartNode(
  node: ServiceNode,
  { signal, crashed }: { signal: AbortSignal; crashed: Promise<Crash> },
): Promise<void> {
  const { process } = node
  await process.stop()
  process.start()
  const crash = await Promise.race([
    waitUntilReady(node, { signal }),
    crashed,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  ])
  if (!crash) return
  await process.stop()
  throw new Error(`${crash.name} ${crash.how}. Its log ends with:\n${crash.tail}`)
}

/** Passes crashes on, except those of a node whose restart waits for them. */
function createCrashWatch(onCrash: StackOptions['onCrash']) {
  const waiting = new Map<string, (crash: Crash) => void>()
  return {
    /** The next crash of a node, until disposed of. */
    next(name: string): { promise: Promise<Crash> } & Disposable {
      const { promise, resolve } = Promise.withResolvers<Crash>()
      waiting.set(name, resolve)
      return { promise, [Symbol.dispose]: () => void waiting.delete(name) }
    },
    onCrash(crash: Crash) {
      const resolve = waiting.get(crash.name)
      waiting.delete(crash.name)
      if (resolve) resolve(crash)
      else onCrash?.(crash)
    },
  }
}

/** A gateway whose code can be replaced while it runs; what was connected to it stays connected. */
function createReloadableGateway() {
  let current: Gateway
  let options: GatewayOptions
  const calls = new Map<'backend' | 'app', (gateway: Gateway) => void>()
  const call = (kind: 'backend' | 'app', apply: (gateway: Gateway) => void) => {
    calls.set(kind, apply)
    apply(current)
  }
  return {
    async start(given: GatewayOptions): Promise<Gateway> {
      current = await startGateway(given)
      const { url, metrics } = current
      options = { ...given, port: Number(new URL(url).port) }
      return {
        url,
        metrics,
        connect: (backend) => call('backend', (gateway) => gateway.connect(backend)),
        serveApp: (folder) => call('app', (gateway) => gateway.serveApp(folder)),
        proxyApp: (to) => call('app', (gateway) => gateway.proxyApp(to)),
        showNotice: (notice) => call('app', (gateway) => gateway.showNotice(notice)),
        [Symbol.asyncDispose]: () => current[Symbol.asyncDispose](),
      }
    },
    async reload(): Promise<void> {
      const fresh = await importGateway()
      await current[Symbol.asyncDispose]()
      current = await fresh.startGateway(options)
      for (const apply of calls.values()) apply(current)
    },
  }
}

const packages = pathToFileURL(inRoot('packages/')).href
let generation = 0

/** Imports the gateway, and all that it imports of ours, as the files are now. */
function importGateway(): Promise<typeof import('@finnigram/gateway')> {
  if (generation === 0) registerHooks({ resolve: resolveInGeneration })
  generation += 1
  return import(`${import.meta.resolve('@finnigram/gateway')}?generation=${generation}`)
}

/** Gives imports of a module the generation of the module: Node keeps modules by their URL. */
const resolveInGeneration: NonNullable<Parameters<typeof registerHooks>[0]['resolve']> = (
  specifier,
  context,
  nextResolve,
) => {
  const resolved = nextResolve(specifier, context)
  const query = /\?generation=\d+$/.exec(context.parentURL ?? '')?.[0]
  return query && resolved.url.startsWith(packages) ? { ...resolved, url: resolved.url + query } : resolved
}
