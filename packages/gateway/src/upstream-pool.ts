import type { ChildProcess } from 'node:child_process'
import { Agent, type AgentOptions } from 'node:http'
import { highWaterMark } from '@finnigram/service-kit/edge'
import { watchLiveness } from './watch-liveness.ts'

/** One node of a service, as the gateway sees it. */
export interface UpstreamNode {
  host: string
  port: number
  /** What its supervisor knows; a node that is known to be down is not tried. */
  isUp: () => boolean
  /** The node's process, to which connections can be given. */
  child: () => ChildProcess | undefined
}

export interface PooledNode extends UpstreamNode {
  agent: Agent
  downUntil: number
  /** For how long it owes the answer to a question whether it lives, in milliseconds in which this process could have heard it. */
  silentMs: number
  /** Requests it works on, or that wait for a connection to it. */
  underWay: number
}

/** How long a node that refused a connection is left alone while others answer. */
const restMs = 1_000
/** A node that has said nothing for this long gets nothing new while others answer: it is frozen, or far too busy. */
const suspectMs = 1_000
/** A node that has said nothing for this long counts as gone, and what waits for it need not wait any longer. */
const goneMs = 5_000

/** Connections to one node. What is more waits for one of them. */
const mostSockets = 1_024
/** A node with this many requests gets no more. */
const mostUnderWay = 2_048

/** Every option goes on to the sockets as well. */
const agentOptions: AgentOptions & { highWaterMark: number } = {
  keepAlive: true,
  scheduling: 'lifo',
  maxSockets: mostSockets,
  maxFreeSockets: 256,
  highWaterMark,
}

/** The nodes of one service: taken in turn, those that are down or silent left out. */
export class UpstreamPool implements Disposable {
  readonly name: string
  readonly nodes: readonly PooledNode[]
  /** Told of each request that no node takes because those that serve have enough. */
  onFull = () => {}
  #next = 0
  #watch: Disposable

  constructor(name: string, nodes: readonly UpstreamNode[]) {
    this.name = name
    this.nodes = nodes.map((node) => ({
      ...node,
      agent: new Agent(agentOptions),
      downUntil: 0,
      silentMs: 0,
      underWay: 0,
    }))
    this.#watch = watchLiveness(this.nodes)
  }

  /** The nodes to try, best first: those that serve, in turn, then those that refused a moment ago, then those that fell silent; not those that are gone or full. */
  candidates(): PooledNode[] {
    const start = this.#next++ % this.nodes.length
    const turn = [...this.nodes.slice(start), ...this.nodes.slice(0, start)]
    const open = turn.filter((node) => node.isUp() && !isGone(node) && node.underWay < mostUnderWay)
    const now = Date.now()
    const rank = (node: PooledNode) => (isSuspect(node) ? 2 : node.downUntil > now ? 1 : 0)
    return open.sort((one, other) => rank(one) - rank(other))
  }

  /** Notes that no node took a request. */
  noteRefused(): void {
    if (this.nodes.some((node) => node.isUp() && !isGone(node) && node.underWay >= mostUnderWay))
      this.onFull()
  }

  /** Notes that `node` refused a connection. */
  markDown(node: UpstreamNode): void {
    const pooled = this.nodes.find(({ host, port }) => host === node.host && port === node.port)
    if (pooled) pooled.downUntil = Date.now() + restMs
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    for (const { agent } of this.nodes) agent.destroy()
  }
}

/** Whether a node has been silent for so long that it is better to ask another. */
export const isSuspect = ({ silentMs }: PooledNode): boolean => silentMs >= suspectMs

/** Whether a node has been silent for so long that nothing more is to be expected of it. */
export const isGone = ({ silentMs }: PooledNode): boolean => silentMs >= goneMs
