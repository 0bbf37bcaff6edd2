import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { startBalancer, type UpstreamNode, UpstreamPool } from '@finnigram/gateway'
import { memoryFlags } from '@finnigram/service-kit/edge'
import type { StackConfig } from '../config.ts'
import { inRoot, root } from '../config.ts'
import { freePort } from '../data-directory/free-port.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { createRestartSemaphore } from '../process/restart-limiter.ts'
import { type ProcessSpec, SupervisedProcess } from '../process/supervised-process.ts'
import {
  type ServiceLinks,
  type ServiceName,
  serviceEnvironment,
  serviceNames,
} from './service-environment.ts'

export interface ServiceNode {
  service: ServiceName
  url: string
  port: number
  process: SupervisedProcess
}

export interface StartedServices extends AsyncDisposable {
  nodes: readonly ServiceNode[]
  pools: Record<ServiceName, UpstreamPool>
}

/** Loaded into every service, so that the gateway can give it connections. */
const receiveSocket = inRoot('packages', 'gateway', 'src', 'receive-socket.ts')

type Links = Omit<ServiceLinks, 'users' | 'messages'>

export interface ServicesOptions {
  /** Told when a server process ended by itself; it starts again. */
  onCrash?: ProcessSpec['onCrash'] | undefined
  /** Where other services shall find one that is at `url`, for what is to stand between them; at `url` itself when not said. */
  reroute?: ((service: 'users' | 'messages', url: string) => string) | undefined
  /**
   * The checkout whose code a node runs, by its name, such as `users-2`; this one where it says
   * none.
   */
  checkoutOf?: ((node: string) => string | undefined) | undefined
}

/** Starts all nodes of the three services at once, each a process of its own; they wait for each other by themselves. */
export async function startServices(
  config: StackConfig,
  links: Links,
  { onCrash, reroute = (_, url) => url, checkoutOf }: ServicesOptions = {},
): Promise<StartedServices> {
  const places = await assignPorts(config)
  const nodes: ServiceNode[] = []
  const pools = Object.fromEntries(
    serviceNames.map((service) => {
      const upstreams = places
        .filter((place) => place.service === service)
        .map(({ name, port }) => upstreamOf(port, () => nodes.find((node) => node.process.name === name)))
      return [service, new UpstreamPool(service, upstreams)]
    }),
  ) as Record<ServiceName, UpstreamPool>
  const [users, messages] = await Promise.all([entrance(pools.users), entrance(pools.messages)])
  const allLinks = {
    ...links,
    users: reroute('users', users.url),
    messages: reroute('messages', messages.url),
  }
  const turns = createRestartSemaphore()
  for (const place of places) {
    const environment = serviceEnvironment(place, { config, links: allLinks })
    const checkout = checkoutOf?.(place.name) ?? root
    nodes.push(await startNode(place, { checkout, home: config.home, environment, turns, onCrash }))
  }
  return {
    nodes,
    pools,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map(({ process }) => process[Symbol.asyncDispose]()))
      await Promise.all([users, messages].map((balancer) => balancer[Symbol.asyncDispose]()))
      for (const pool of Object.values(pools)) pool[Symbol.dispose]()
    },
  }
}

interface Place {
  service: ServiceName
  name: string
  port: number
}

/** Ports stay the same over restarts, so that everyone finds a node again that died. */
const assignPorts = (config: StackConfig): Promise<Place[]> =>
  Promise.all(
    serviceNames.flatMap((service) =>
      Array.from({ length: config.nodes[service] }, async (_, index) => ({
        service,
        name: config.nodes[service] === 1 ? service : `${service}-${index + 1}`,
        port: await freePort(),
      })),
    ),
  )

const upstreamOf = (port: number, node: () => ServiceNode | undefined): UpstreamNode => ({
  host: '127.0.0.1',
  port,
  isUp: () => node()?.process.state === 'healthy',
  child: () => node()?.process.child,
})

/** The one address other services know a service by: its only node, or a balancer before its nodes. */
async function entrance(pool: UpstreamPool): ReturnType<typeof startBalancer> {
  const [only, ...others] = pool.nodes
  if (only && others.length === 0) {
    return { url: `http://${only.host}:${only.port}`, [Symbol.asyncDispose]: async () => {} }
  }
  return startBalancer(pool)
}

/** No more helpers of V8 than there are other cores, at most the usual four: what one process collects and compiles keeps its neighbours waiting. */
const v8PoolSize = `--v8-pool-size=${Math.max(1, Math.min(4, availableParallelism() - 1))}`
const usual = [v8PoolSize, ...memoryFlags]
/** A realtime node keeps 18 instead of 43 kB for each idle socket when the garbage of connecting is collected early. */
const nodeFlags: Record<ServiceName, readonly string[]> = {
  users: usual,
  messages: usual,
  realtime: [...usual, '--max-semi-space-size=8'],
}

async function startNode(
  { service, name, port }: Place,
  options: Pick<ProcessSpec, 'home' | 'environment' | 'turns'> & {
    onCrash: ProcessSpec['onCrash'] | undefined
    checkout: string
  },
): Promise<ServiceNode> {
  const { checkout, home, environment, turns, onCrash } = options
  const folder = join(checkout, 'services', service)
  const url = `http://127.0.0.1:${port}`
  const supervised = new SupervisedProcess({
    name,
    home,
    command: process.execPath,
    args: [...nodeFlags[service], '--import', receiveSocket, join(folder, 'src', 'main.ts')],
    environment,
    cwd: folder,
    // The service ends by itself when this channel closes, that is, when this process is no more.
    ipc: true,
    stopSignal: 'SIGTERM',
    patienceMs: 5_000,
    isHealthy: () => isLive(url),
    log: await RotatingLog.open(join(home, 'logs', `${name}.log`)),
    turns,
    onCrash,
  })
  supervised.start()
  return { service, url, port, process: supervised }
}

async function isLive(url: string) {
  try {
    const answer = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
