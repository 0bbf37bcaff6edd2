import type { Answer, Call, Methods } from './remote.ts'

/**
 * Answers the calls of the process that forked this one; calls `end` when that process is no more.
 */
export function serveParent(methods: Methods, end: () => Promise<void>): void {
  process.on('message', (message) => {
    const { id, method, args } = message as Call
    void answer(methods[method], args).then((result) => send({ id, ...result }))
  })
  process.once('disconnect', () => void end().finally(() => process.exit(0)))
  // Ctrl-C in a terminal reaches every process; who started this one decides when it ends.
  process.on('SIGINT', () => {})
}

/** Tells the parent something that it did not ask for. */
export function notifyParent(notice: unknown): void {
  if (process.connected) process.send?.({ notice })
}

async function answer(method: Methods[string] | undefined, args: unknown[]): Promise<Omit<Answer, 'id'>> {
  try {
    if (!method) throw new Error('There is no such method')
    return { value: await Reflect.apply(method, undefined, args) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function send(answer: Answer) {
  if (process.connected) process.send?.(answer)
}
