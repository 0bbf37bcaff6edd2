import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { takeLongestStall } from '@finnigram/service-kit'
import { prepareDataDirectory, readConfig, type Stack, startStack } from '@finnigram/stack'
import type { Target } from './cluster.ts'
import { controlProcesses, type ProcessControl } from './control-processes.ts'
import { readPushBacklog, readStalls } from './read-node-metrics.ts'
import { notifyParent, serveParent } from './remote/serve-parent.ts'
import { type ClusterDatabases, startDatabases } from './start-databases.ts'

/** The process that holds the gateway and supervises every server of the cluster. */
const started = new AsyncDisposableStack()
let databases: ClusterDatabases
let stack: Stack
let control: ProcessControl | undefined

export type ServerNotice =
  | { type: 'crash'; name: string; how: string }
  | { type: 'entrance'; service: 'users' | 'messages'; port: number }
const notify = (notice: ServerNotice) => notifyParent(notice)

const onCrash = (name: string, how: string) => {
  if (!control?.wasAsked(name)) notify({ type: 'crash', name, how })
}

const running = () => {
  if (!control) throw new Error('The cluster does not run yet')
  return control
}

const methods = {
  async startDatabases(folder: string = tmpdir()) {
    const home = await mkdtemp(join(folder, 'finnigram-cluster-'))
    started.defer(() => rm(home, { recursive: true, force: true }))
    await prepareDataDirectory(home)
    databases = started.use(await startDatabases({ home, onCrash }))
    return { home, urls: databases.urls }
  },
  /**
   * `through` are the ports of links: whose entrance is asked for is told, and served by the link.
   * The second node of each service runs the code of the checkout `previous`, where one is given.
   */
  async startStack(
    settings: Record<string, string>,
    through: { users: number; messages: number },
    previous?: string,
  ) {
    const config = readConfig({ PATH: process.env['PATH'], FINNIGRAM_WEB: 'off', PORT: '0', ...settings })
    stack = started.use(
      await startStack(config, {
        onCrash: ({ name, how }) => onCrash(name, how),
        reroute(service, url) {
          notify({ type: 'entrance', service, port: Number(new URL(url).port) })
          return `http://127.0.0.1:${through[service]}`
        },
        checkoutOf: (node) => (node.endsWith('-2') ? previous : undefined),
      }),
    )
    control = controlProcesses({ databases, nodes: stack.nodes })
    takeLongestStall()
    return { url: stack.url, targets: control.targets }
  },
  kill: (target: Target, signal: NodeJS.Signals) => running().kill(target, signal),
  freeze: (target: Target) => running().freeze(target),
  thaw: (target: Target) => running().thaw(target),
  stop: (target: Target) => running().stop(target),
  start: (target: Target) => running().start(target),
  ready: (target: Target) => running().ready(target),
  async failOverRedis(lagMs: number) {
    await running().failOverRedis(lagMs)
    return databases.urls.redis
  },
  heal: () => running().heal(),
  pushBacklog: () => readPushBacklog(stack.nodes),
  stalls: async () => ({ ...(await readStalls(stack.nodes)), gateway: takeLongestStall() }),
}
export type ServerMethods = typeof methods

serveParent(methods, async () => {
  for (const target of control?.targets ?? []) control?.thaw(target)
  await started.disposeAsync()
})
