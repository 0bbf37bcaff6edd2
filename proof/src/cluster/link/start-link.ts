import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Disturbance, Link } from '../cluster.ts'
import { createNetworkConditions, type NetworkConditions } from './network-conditions.ts'
import { passBytes } from './pass-bytes.ts'

export interface StartedLink extends Link, AsyncDisposable {
  /** Sets where connections go; until then they are taken and wait. */
  aim(port: number): void
}

export interface LinkOptions {
  /** Port to listen on; it stays the link's own while connections are refused. */
  port: number
  /**
   * Whether these bytes of the far side say that something was done: only such answers are lost.
   * Any, when not said.
   */
  isOutcome?: (bytes: Buffer) => boolean
}

interface Pair {
  near: Socket
  far: Socket | undefined
}

/**
 * Opens a TCP proxy on a loopback port whose every open connection can be delayed, cut up, choked,
 * silenced, robbed of its answers or cut.
 */
export async function startLink({ port, isOutcome = () => true }: LinkOptions): Promise<StartedLink> {
  const conditions = createNetworkConditions()
  const pairs = new Set<Pair>()
  let target: number | undefined
  let server = await listen(port, take)

  function take(near: Socket) {
    const pair: Pair = { near, far: undefined }
    pairs.add(pair)
    near.on('error', () => {})
    near.once('close', () => pairs.delete(pair))
    void join(pair)
  }
  const join = async (pair: Pair) => {
    while ((conditions.now.isSilent || target === undefined) && !pair.near.destroyed) await conditions.wait()
    if (pair.near.destroyed || target === undefined) return
    pair.far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const swallows = (bytes: Buffer) => {
      if (!conditions.now.losesAnswers || !isOutcome(bytes)) return false
      reset(pair)
      return true
    }
    passBytes({ from: pair.near, to: pair.far }, conditions)
    passBytes({ from: pair.far, to: pair.near, swallows }, conditions)
    breakTogether(pair.near, pair.far, conditions)
  }
  const disturb = (disturbance: Disturbance) => {
    conditions.change(disturbance)
    if (disturbance.isClosed) server.close()
    else if (!server.listening) server = listenAgain(port, take)
  }
  return {
    port,
    aim(to) {
      target = to
      conditions.change(conditions.now)
    },
    disturb,
    heal: () => disturb({}),
    cut() {
      for (const pair of pairs) reset(pair)
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const pair of pairs) reset(pair)
      conditions.change({})
    },
  }
}

function reset({ near, far }: Pair) {
  near.resetAndDestroy()
  far?.resetAndDestroy()
}

/** A side that breaks off takes the other with it, as soon as word of it gets through. */
function breakTogether(near: Socket, far: Socket, conditions: NetworkConditions) {
  const tell = async (gone: Socket, other: Socket, hadError: boolean) => {
    if (!hadError && gone.readableEnded && gone.writableFinished) return
    while (conditions.now.isSilent) await conditions.wait()
    if (!other.destroyed) other.resetAndDestroy()
  }
  far.on('error', () => {})
  near.once('close', (hadError) => void tell(near, far, hadError))
  far.once('close', (hadError) => void tell(far, near, hadError))
}

function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = listenAgain(port, onConnection)
    server.once('error', reject).once('listening', () => resolve(server))
  })
}

const listenAgain = (port: number, onConnection: (socket: Socket) => void) =>
  createServer({ allowHalfOpen: true, noDelay: true }, onConnection).listen(port, '127.0.0.1')
