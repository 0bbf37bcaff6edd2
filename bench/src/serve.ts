import { startStack } from '@finnigram/stack'

/** The server's side of a benchmark, in a process of its own so that it can be tied to a core. Speaks by IPC. */
const home = process.argv[2] ?? ''
const stack = await startStack({ home, port: 0, web: false, seed: false, rateLimitScale: 100_000 })
process.send?.({ url: stack.url, pids: [process.pid, ...stack.pids()], realtimePids: stack.pids('realtime') })

process.on('message', () => void end())
process.on('disconnect', () => void end())

async function end(): Promise<void> {
  await stack[Symbol.asyncDispose]()
  process.exit(0)
}
