import type { ChildProcess } from 'node:child_process'
import { Agent, type AgentOptions, get } from 'node:http'
import { highWaterMark } from '@finnigram/service-kit/gateway-exports'

/** One node of a service, as the gateway sees it. */
export interface UpstreamNode {
  host: string
  port: number
  /** What its supervisor knows. A node that is down is not tried. */
  isUp: () => boolean
  /** The node's process, to which sockets can be sent. */
  child: () => ChildProcess | undefined
}

export interface PooledNode extends UpstreamNode {
  agent: Agent
  downUntil: number
  /** How long it owes the answer to a liveness probe, in milliseconds. */
  silentMs: number
  /** Requests it works on, and those that wait for a connection to it. */
  underWay: number
}

/** How long a node that refused a connection rests while others answer, in milliseconds. */
const restMs = 1_000
/** A node silent for this long is suspect, and gets nothing new while others answer. */
const suspectMs = 1_000
/** A node silent for this long counts as gone, and requests to it are given up. */
const goneMs = 5_000

/** Connections to one node. More requests wait for one of them. */
const mostSockets = 1_024
/** A node with this many requests gets no more. */
const mostUnderWay = 2_048

/** The sockets get every option, too. */
const agentOptions: AgentOptions & { highWaterMark: number } = {
  keepAlive: true,
  scheduling: 'lifo',
  maxSockets: mostSockets,
  maxFreeSockets: 256,
  highWaterMark,
}

/** The nodes of one service, balanced round-robin; those that are down or silent are left out. */
export class UpstreamPool implements Disposable {
  readonly name: string
  readonly nodes: readonly PooledNode[]
  /** Called for each request that no node takes because all are at their bound. */
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

  /**
   * The nodes to try, best first: healthy ones round-robin, then those that refused a moment ago,
   * then suspect ones. Nodes that are gone or full are left out.
   */
  candidates(): PooledNode[] {
    const start = this.#next++ % this.nodes.length
    const ordered = [...this.nodes.slice(start), ...this.nodes.slice(0, start)]
    const open = ordered.filter((node) => node.isUp() && !isGone(node) && node.underWay < mostUnderWay)
    const now = Date.now()
    const rank = (node: PooledNode) => (isSuspect(node) ? 2 : node.downUntil > now ? 1 : 0)
    return open.sort((one, other) => rank(one) - rank(other))
  }

  /** Records that no node took a request. */
  noteRefused(): void {
    if (this.nodes.some((node) => node.isUp() && !isGone(node) && node.underWay >= mostUnderWay))
      this.onFull()
  }

  /** Records that `node` refused a connection. */
  markDown(node: UpstreamNode): void {
    const pooled = this.nodes.find(({ host, port }) => host === node.host && port === node.port)
    if (pooled) pooled.downUntil = Date.now() + restMs
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    for (const { agent } of this.nodes) agent.destroy()
  }
}

/** Whether another node is the better choice. */
export const isSuspect = ({ silentMs }: PooledNode): boolean => silentMs >= suspectMs

/** Whether nothing more is expected of a node. */
export const isGone = ({ silentMs }: PooledNode): boolean => silentMs >= goneMs

const probeEveryMs = 500
/** A probe whose connection hangs is repeated after this; the silence counts from the first. */
const probeTimeoutMs = 10_000

/**
 * Probes every node twice a second, never twice at once, and counts how long it owes the answer. A
 * stopped process, or one whose event loop is blocked, still accepts connections, and nobody
 * reports it as down. Silence is counted in ticks of this process: while it is blocked itself it
 * hears nobody.
 */
export function watchLiveness(nodes: readonly PooledNode[]): Disposable {
  const asked = new Set<PooledNode>()
  const ask = async (node: PooledNode) => {
    asked.add(node)
    const hasAnswered = await probe(node)
    asked.delete(node)
    if (hasAnswered) node.silentMs = 0
  }
  const timer = setInterval(() => {
    for (const node of nodes) {
      if (!node.isUp()) node.silentMs = 0
      else if (asked.has(node)) node.silentMs += probeEveryMs
      else void ask(node)
    }
  }, probeEveryMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/**
 * Whether the node answered in any way, even by refusing the connection; false after the timeout.
 */
function probe({ host, port }: PooledNode): Promise<boolean> {
  return new Promise((resolve) => {
    const question = get(
      { host, port, path: '/health/live', agent: false, timeout: probeTimeoutMs },
      (answer) => {
        answer.resume()
        resolve(true)
      },
    )
    question.once('timeout', () => {
      resolve(false)
      question.destroy()
    })
    question.once('error', () => resolve(true))
  })
}
