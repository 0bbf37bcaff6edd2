import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { startBalancer, type UpstreamNode, UpstreamPool } from '@finnigram/gateway'
import { memoryFlags } from '@finnigram/service-kit/gateway-exports'
import { root, type StackConfig } from '../config.ts'
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

/** Preloaded into every service, so that the gateway can hand sockets off to it. */
const receiveSocket = createRequire(import.meta.url).resolve('@finnigram/gateway/receive-socket')

type Links = Omit<ServiceLinks, 'users' | 'messages'>

export interface ServicesOptions {
  /** Called when a server process ended by itself; it is restarted. */
  onCrash?: ProcessSpec['onCrash'] | undefined
  /**
   * The URL other services use for one at `url`, to put a link between them; `url` when not said.
   */
  reroute?: ((service: 'users' | 'messages', url: string) => string) | undefined
  /**
   * The checkout whose code a node runs, by its name, such as `users-2`; this one when not said.
   */
  checkoutOf?: ((node: string) => string | undefined) | undefined
}

/** Starts all nodes of the three services at once, each a process. They wait for each other. */
export async function startServices(
  config: StackConfig,
  links: Links,
  { onCrash, reroute = (_, url) => url, checkoutOf }: ServicesOptions = {},
): Promise<StartedServices> {
  const addresses = await assignPorts(config)
  const nodes: ServiceNode[] = []
  const pools = Object.fromEntries(
    serviceNames.map((service) => {
      const upstreams = addresses
        .filter((address) => address.service === service)
        .map(({ name, port }) => upstreamOf(port, () => nodes.find((node) => node.process.name === name)))
      return [service, new UpstreamPool(service, upstreams)]
    }),
  ) as Record<ServiceName, UpstreamPool>
  const [users, messages] = await Promise.all([openServiceUrl(pools.users), openServiceUrl(pools.messages)])
  const allLinks = {
    ...links,
    users: reroute('users', users.url),
    messages: reroute('messages', messages.url),
  }
  const restartSemaphore = createRestartSemaphore()
  for (const address of addresses) {
    const environment = serviceEnvironment(address, { config, links: allLinks })
    const checkout = checkoutOf?.(address.name) ?? root
    nodes.push(
      await startNode(address, {
        checkout,
        dataDirectory: config.dataDirectory,
        environment,
        restartSemaphore,
        onCrash,
      }),
    )
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

interface NodeAddress {
  service: ServiceName
  name: string
  port: number
}

/** A node keeps its port over restarts, so that it is found again. */
const assignPorts = (config: StackConfig): Promise<NodeAddress[]> =>
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

/**
 * The URL by which other services know a service: its only node, or a balancer before its nodes.
 */
async function openServiceUrl(pool: UpstreamPool): ReturnType<typeof startBalancer> {
  const [only, ...others] = pool.nodes
  if (only && others.length === 0) {
    return { url: `http://${only.host}:${only.port}`, [Symbol.asyncDispose]: async () => {} }
  }
  return startBalancer(pool)
}

/**
 * V8's helper threads: as many as there are other cores, at most four, so that processes do not
 * slow each other.
 */
const v8PoolSize = `--v8-pool-size=${Math.max(1, Math.min(4, availableParallelism() - 1))}`
const commonFlags = [v8PoolSize, ...memoryFlags]
/** A small semi-space makes an idle socket cost 18 instead of 43 kB in a realtime node. */
const nodeFlags: Record<ServiceName, readonly string[]> = {
  users: commonFlags,
  messages: commonFlags,
  realtime: [...commonFlags, '--max-semi-space-size=8'],
}

async function startNode(
  { service, name, port }: NodeAddress,
  options: Pick<ProcessSpec, 'dataDirectory' | 'environment' | 'restartSemaphore'> & {
    onCrash: ProcessSpec['onCrash'] | undefined
    checkout: string
  },
): Promise<ServiceNode> {
  const { checkout, dataDirectory, environment, restartSemaphore, onCrash } = options
  const folder = join(checkout, 'services', service)
  const url = `http://127.0.0.1:${port}`
  const supervised = new SupervisedProcess({
    name,
    dataDirectory,
    command: process.execPath,
    args: [...nodeFlags[service], '--import', receiveSocket, join(folder, 'src', 'main.ts')],
    environment,
    cwd: folder,
    // The service ends by itself when this channel closes, that is, when this process has died.
    ipc: true,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    isHealthy: () => isLive(url),
    log: await RotatingLog.open(join(dataDirectory, 'logs', `${name}.log`)),
    restartSemaphore,
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
