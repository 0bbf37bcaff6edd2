import { descendants, type ServiceName, type Stack, waitUntilReady } from '@finnigram/stack'
import type { Cluster, Target } from './cluster.ts'
import type { ClusterDatabases } from './start-databases.ts'

type ServiceNode = Stack['nodes'][number]

interface Running {
  databases: ClusterDatabases
  nodes: readonly ServiceNode[]
}

/** What can be done to the processes of a cluster. */
export interface ProcessControl extends Pick<Cluster, 'freeze' | 'thaw' | 'stop' | 'start' | 'ready'> {
  readonly targets: Target[]
  kill(target: Target, signal: NodeJS.Signals): Promise<void>
  /** Has the other Redis take over, without what was written in the last `lagMs`. */
  failOverRedis(lagMs: number): Promise<void>
  /** Thaws and brings back everything. */
  heal(): Promise<void>
  /**
   * Whether the end of a process that is being told was asked for here; each is asked about once.
   */
  wasAsked(name: string): boolean
}

/** Takes the processes of a cluster away and gives them back. */
export function controlProcesses({ databases, nodes }: Running): ProcessControl {
  /** Two ends of one part may be asked for before the first is told. */
  const asked: string[] = []
  const targets = targetsOf({ databases, nodes })
  const nodeOf = ({ part, index }: { part: ServiceName; index: number }) => {
    const found = nodes.filter(({ service }) => service === part)[index]
    if (!found) throw new RangeError(`There is no ${part} number ${index}`)
    return found
  }
  const processOf = (target: Target) =>
    'index' in target ? nodeOf(target).process : databases.processes[target.part]
  const signalAll = (target: Target, signal: NodeJS.Signals) => {
    for (const pid of familyOf(processOf(target).pid)) send(pid, signal)
  }
  const ready = async (target: Target) => {
    if ('index' in target) await waitUntilReady(nodeOf(target))
    else await processOf(target).healthy()
  }
  const start = async (target: Target) => {
    processOf(target).start()
    await ready(target)
  }
  return {
    targets,
    async kill(target, signal) {
      const process = processOf(target)
      const family = familyOf(process.pid)
      if (family.length > 0) asked.push('index' in target ? process.name : target.part)
      const ended = process.kill(signal)
      // What stands still hears nothing but SIGKILL, and the children of who is killed end by
      // themselves only awake.
      for (const pid of family) send(pid, 'SIGCONT')
      await ended
    },
    freeze: (target) => signalAll(target, 'SIGSTOP'),
    thaw: (target) => signalAll(target, 'SIGCONT'),
    async stop(target) {
      const ended = processOf(target).stop()
      signalAll(target, 'SIGCONT')
      await ended
    },
    start,
    ready,
    async failOverRedis(lagMs) {
      asked.push('redis')
      await databases.redis.failOver(lagMs)
    },
    async heal() {
      for (const target of targets) signalAll(target, 'SIGCONT')
      await Promise.all(targets.map(start))
    },
    wasAsked(name) {
      const place = asked.indexOf(name)
      if (place >= 0) asked.splice(place, 1)
      return place >= 0
    },
  }
}

function targetsOf({ databases, nodes }: Running): Target[] {
  const services = nodes.map(({ service }, place) => ({
    part: service,
    index: nodes.slice(0, place).filter((node) => node.service === service).length,
  }))
  const parts = Object.keys(databases.processes) as (keyof typeof databases.processes)[]
  return [...services, ...parts.map((part) => ({ part }))]
}

/** A process and all below it, the parent first, so that it makes no new ones meanwhile. */
const familyOf = (pid: number | undefined) => (pid === undefined ? [] : [pid, ...descendants(pid)])

function send(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in between.
  }
}
