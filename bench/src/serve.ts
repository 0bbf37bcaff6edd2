import { readConfig, startStack } from '@finnigram/stack'

/** The server's side of a benchmark, in a process of its own so that it can be tied to a core. Speaks by IPC. */
const stack = await startStack(
  readConfig({
    PATH: process.env['PATH'],
    PORT: '0',
    FINNIGRAM_HOME: process.argv[2],
    FINNIGRAM_WEB: 'off',
    FINNIGRAM_SEED: 'off',
    RATE_LIMIT_SCALE: '100000',
    CONNECTIONS_PER_SECOND: process.env['CONNECTIONS_PER_SECOND'] ?? '100000',
    LOG_LEVEL: 'warn',
  }),
)
process.send?.({
  url: stack.url,
  pids: [process.pid, ...stack.pids()],
  realtimePids: stack.pids('realtime'),
  usersDatabase: stack.links.usersDatabase,
  messagesDatabase: stack.links.messagesDatabase,
})

process.on('message', () => void end())
process.on('disconnect', () => void end())

async function end(): Promise<void> {
  await stack[Symbol.asyncDispose]()
  process.exit(0)
}
