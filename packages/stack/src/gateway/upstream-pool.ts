import type { ChildProcess } from 'node:child_process'
import { Agent } from 'node:http'

/** One node of a service, as the gateway sees it. */
export interface UpstreamNode {
  host: string
  port: number
  /** What its supervisor knows; a node that is known to be down is not tried. */
  isUp: () => boolean
  /** The node's process, to which connections can be given. */
  child: () => ChildProcess | undefined
}

interface PooledNode extends UpstreamNode {
  agent: Agent
  downUntil: number
}

/** How long a node that refused a connection is left alone while others answer. */
const restMs = 1_000

/** The nodes of one service: taken in turn, those that are down left out. */
export class UpstreamPool implements Disposable {
  readonly name: string
  readonly nodes: readonly PooledNode[]
  #next = 0

  constructor(name: string, nodes: readonly UpstreamNode[]) {
    this.name = name
    this.nodes = nodes.map((node) => ({
      ...node,
      agent: new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 256 }),
      downUntil: 0,
    }))
  }

  /** The nodes to try, best first: those that serve, in turn, then those that refused a moment ago. */
  candidates(): PooledNode[] {
    const start = this.#next++ % this.nodes.length
    const turn = [...this.nodes.slice(start), ...this.nodes.slice(0, start)].filter((node) => node.isUp())
    const now = Date.now()
    return [...turn.filter((node) => node.downUntil <= now), ...turn.filter((node) => node.downUntil > now)]
  }

  /** Notes that `node` refused a connection. */
  markDown(node: UpstreamNode): void {
    const pooled = this.nodes.find(({ host, port }) => host === node.host && port === node.port)
    if (pooled) pooled.downUntil = Date.now() + restMs
  }

  [Symbol.dispose](): void {
    for (const { agent } of this.nodes) agent.destroy()
  }
}
