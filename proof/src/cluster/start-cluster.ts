import { fileURLToPath } from 'node:url'
import { type Cluster, type Link, type LinkName, linkNames } from './cluster.ts'
import { startRemote } from './remote/start-remote.ts'
import type { LinkMethods } from './run-links.ts'
import type { ServerMethods, ServerNotice } from './run-servers.ts'

export interface ClusterOptions {
  /** How many of each service; 2 when not said. */
  nodes?: { users?: number; messages?: number; realtime?: number }
  /**
   * Settings of the stack and its services, laid over those of the cluster; given the ports of all
   * links.
   */
  settings?: (ports: Readonly<Record<LinkName, number>>) => Record<string, string>
  /**
   * In which folder its data lies, until it ends; that of the system for such things when not said.
   */
  folder?: string
  /** Port on loopback where pushes are taken, behind the link `push`. */
  pushPort?: number
  /** A checkout of an earlier version, installed: the second node of each service runs its code. */
  previous?: string | undefined
}

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * Starts a whole Finnigram of several nodes with a link before every part: the links in one
 * process, gateway and supervisor in another, so that this one has its time for itself. Rejects,
 * with everything stopped, when a part does not start.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await using started = new AsyncDisposableStack()
  const crashes: Cluster['crashes'][number][] = []
  const linkHost = started.use(startRemote<LinkMethods>(program('run-links.ts')))
  const serverHost = started.use(
    startRemote<ServerMethods>(program('run-servers.ts'), (notice) => hear(notice as ServerNotice)),
  )
  const hear = (notice: ServerNotice) => {
    if (notice.type === 'entrance') void linkHost.call('aim', notice.service, notice.port)
    else crashes.push({ name: notice.name, at: new Date().toISOString(), code: codeOf(notice.how) })
  }
  const [ports, { home, urls }] = await Promise.all([
    linkHost.call('open'),
    serverHost.call('startDatabases', ...(options.folder === undefined ? [] : [options.folder])),
  ])
  for (const name of ['users-postgres', 'messages-postgres', 'redis'] as const) {
    await linkHost.call('aim', name, Number(new URL(urls[name]).port))
  }
  if (options.pushPort !== undefined) await linkHost.call('aim', 'push', options.pushPort)
  const settings = { ...settingsOf({ home, urls, ports }, options), ...options.settings?.(ports) }
  const through = { users: ports.users, messages: ports.messages }
  const { previous } = options
  const { url: directUrl, targets } = await serverHost.call(
    'startStack',
    settings,
    through,
    ...(previous === undefined ? [] : [previous]),
  )
  await linkHost.call('aim', 'clients', Number(new URL(directUrl).port))

  const linkOf = (name: LinkName): Link => ({
    port: ports[name],
    disturb: (disturbance) => void linkHost.call('disturb', name, disturbance),
    heal: () => void linkHost.call('disturb', name, {}),
    cut: () => void linkHost.call('cut', name),
  })
  const links = Object.fromEntries(linkNames.map((name) => [name, linkOf(name)])) as Cluster['links']
  const running = started.move()
  let redisUrl = urls.redis
  return {
    url: `http://127.0.0.1:${ports.clients}`,
    directUrl,
    usersDatabase: urls['users-postgres'],
    messagesDatabase: urls['messages-postgres'],
    get redisUrl() {
      return redisUrl
    },
    async failOverRedis(lagMs) {
      redisUrl = await serverHost.call('failOverRedis', lagMs)
      await linkHost.call('aim', 'redis', Number(new URL(redisUrl).port))
    },
    links,
    targets,
    kill: (target, signal = 'SIGKILL') => serverHost.call('kill', target, signal),
    freeze: (target) => void serverHost.call('freeze', target),
    thaw: (target) => void serverHost.call('thaw', target),
    stop: (target) => serverHost.call('stop', target),
    start: (target) => serverHost.call('start', target),
    ready: (target) => serverHost.call('ready', target),
    async heal() {
      for (const link of Object.values(links)) link.heal()
      await serverHost.call('heal')
    },
    crashes,
    pushBacklog: () => serverHost.call('pushBacklog'),
    stalls: () => serverHost.call('stalls'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface Places {
  home: string
  urls: Record<'users-postgres' | 'messages-postgres' | 'redis', string>
  ports: Record<LinkName, number>
}

function settingsOf({ home, urls, ports }: Places, { nodes = {} }: ClusterOptions): Record<string, string> {
  const through = (name: keyof typeof urls) => {
    const url = new URL(urls[name])
    url.port = String(ports[name])
    return url.href
  }
  return {
    FINNIGRAM_HOME: home,
    PUBLIC_URL: `http://127.0.0.1:${ports.clients}`,
    USERS_DATABASE_URL: through('users-postgres'),
    MESSAGES_DATABASE_URL: through('messages-postgres'),
    REDIS_URL: through('redis'),
    USERS_NODES: String(nodes.users ?? 2),
    MESSAGES_NODES: String(nodes.messages ?? 2),
    REALTIME_NODES: String(nodes.realtime ?? 2),
    RATE_LIMIT_SCALE: '1000',
  }
}

/** `ended with code 1` → 1, `was ended by SIGSEGV` → SIGSEGV. */
function codeOf(how: string): number | string | null {
  const code = /code (\d+)/.exec(how)?.[1]
  return code === undefined ? (/by (\w+)/.exec(how)?.[1] ?? null) : Number(code)
}
