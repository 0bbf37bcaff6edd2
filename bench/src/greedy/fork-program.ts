import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A program of ours in a process of its own, which answers what it is told. */
export interface Program extends AsyncDisposable {
  /** Tells it something, and waits for what it says next. */
  ask<T>(message: object | string): Promise<T>
  /** Tells it something. */
  tell(message: object | string): void
}

/** Starts a program. Disposing ends it at once. */
export function forkProgram(program: URL): Program {
  const child = fork(program, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const failed = exited.then(([code, signal]): never => {
    throw new Error(`A program of the benchmark ended with ${code ?? signal}`)
  })
  failed.catch(() => {})
  return {
    async ask<T>(message: object | string) {
      const answer = once(child, 'message')
      child.send(message)
      const [first] = await Promise.race([answer, failed])
      return first as T
    },
    tell: (message) => void child.send(message),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
