import { descendants } from './process/descendants.ts'
import type { SupervisedProcess } from './process/supervised-process.ts'
import type { ServiceName } from './services/service-environment.ts'
import type { ServiceNode } from './services/start-services.ts'
import { waitUntilReady } from './services/wait-until-ready.ts'

export type PartName = ServiceName | 'postgres' | 'redis'

/** Handles on the server processes, for tests that take them away. A service's nodes count from 0. */
export interface Parts {
  /** Sends a signal (SIGKILL by default); resolves when the process has ended. It starts again by itself. */
  kill(part: PartName, index?: number, signal?: NodeJS.Signals): Promise<void>
  /** Ends a process and keeps it away until `start`. */
  stop(part: PartName, index?: number): Promise<void>
  /** Brings a stopped process back and resolves when it serves. */
  start(part: PartName, index?: number): Promise<void>
  /** Resolves when the process serves, at once if it does. */
  ready(part: PartName, index?: number): Promise<void>
  /** Numbers of all server processes that run now, or of one part's, PostgreSQL's children among them. This process, which holds the gateway, is not. */
  pids(part?: PartName): number[]
}

/** Makes the handles on `processes`. */
export function partsOf(processes: readonly SupervisedProcess[], nodes: readonly ServiceNode[]): Parts {
  const allOf = (part: PartName) =>
    processes.filter(
      ({ name }) =>
        name === part || nodes.some((node) => node.service === part && node.process.name === name),
    )
  const find = (part: PartName, index: number) => {
    const found = allOf(part)[index]
    if (!found) throw new RangeError(`This stack runs no ${part} number ${index}`)
    return found
  }
  const ready = async (part: PartName, index = 0) => {
    const process = find(part, index)
    const node = nodes.find((one) => one.process === process)
    await (node ? waitUntilReady(node) : process.healthy())
  }
  return {
    kill: (part, index = 0, signal = 'SIGKILL') => find(part, index).kill(signal),
    stop: (part, index = 0) => find(part, index).stop(),
    async start(part, index = 0) {
      find(part, index).start()
      await ready(part, index)
    },
    ready,
    pids: (part) =>
      (part ? allOf(part) : processes).flatMap(({ pid }) =>
        pid === undefined ? [] : [pid, ...descendants(pid)],
      ),
  }
}
