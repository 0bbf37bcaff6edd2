import { takeLongestStall } from '@finnigram/service-kit'
import { readConfig, startStack } from '@finnigram/stack'

const [home, nodes = '1'] = process.argv.slice(2)

/**
 * The server's side of a benchmark, in a process of its own so that it can be tied to a core.
 * Speaks by IPC.
 */
const stack = await startStack(
  readConfig({
    PORT: '0',
    FINNIGRAM_HOME: home,
    FINNIGRAM_WEB: 'off',
    FINNIGRAM_SEED: 'off',
    USERS_NODES: nodes,
    MESSAGES_NODES: nodes,
    REALTIME_NODES: nodes,
    RATE_LIMIT_SCALE: '100000',
    LOG_LEVEL: 'warn',
    ...process.env,
  }),
)
process.send?.({
  url: stack.url,
  pids: [process.pid, ...stack.pids()],
  realtimePids: stack.pids('realtime'),
  usersDatabase: stack.links.usersDatabase,
  messagesDatabase: stack.links.messagesDatabase,
  redis: stack.links.redis,
  home,
})

process.on('message', (word) => {
  if (word === 'look') look()
  else void (word === 'kill realtime' ? killRealtime() : end())
})
process.on('disconnect', () => void end())

/**
 * Tells which processes there are now, and how long this one's loop stood still since it was last
 * asked.
 */
function look(): void {
  const databases = (['postgres', 'redis'] as const).map((name) => ({ name, pids: stack.pids(name) }))
  const services = stack.nodes.map(({ url, process: { name, pid } }) => ({
    name,
    pids: pid === undefined ? [] : [pid],
    metricsUrl: `${url}/metrics`,
  }))
  process.send?.({
    processes: [{ name: 'gateway', pids: [process.pid] }, ...services, ...databases],
    gatewayStallMs: takeLongestStall(),
  })
}

async function killRealtime(): Promise<void> {
  await Promise.all(Array.from({ length: Number(nodes) }, (_, index) => stack.kill('realtime', index)))
}

async function end(): Promise<void> {
  await stack[Symbol.asyncDispose]()
  process.exit(0)
}
