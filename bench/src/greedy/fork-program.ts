import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A program of ours in a process of its own, which answers what it is told. */
export interface Program extends AsyncDisposable {
  /** Tells it something, and waits for what it says next. */
  ask<T>(message: object | string): Promise<T>
  /** Tells it something. */
  tell(message: object | string): void
}

/** Starts `program`, a file of this folder. Disposing ends it at once. */
export function forkProgram(program: string): Program {
  const child = fork(new URL(program, import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  return {
    async ask<T>(message: object | string) {
      const answer = once(child, 'message')
      child.send(message)
      const [first] = await Promise.race([answer, failure(child)])
      return first as T
    },
    tell: (message) => void child.send(message),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function failure(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit')
  throw new Error(`A program of the benchmark ended with ${code ?? signal}`)
}
