import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Caller } from './caller.ts'

/** Someone who is signed in. */
export interface Account {
  id: string
  token: string
  refreshToken: string
  /** Where all their connections come from. */
  address: string
}

/** What a greedy client is given. */
export interface GreedyEnvironment {
  url: string
  account: Account
  /** A group of the greedy one and all quiet people. */
  conversationId: string
  /** People the greedy one has nothing to do with. */
  strangerIds: string[]
  /** How long it will push. */
  seconds: number
}

/** What became of everything a greedy client asked for. */
export interface Tally {
  taken: number
  /** 429. */
  limited: number
  /** 4xx of any other kind. */
  refused: number
  /** 5xx. */
  failed: number
  /** Without an answer. */
  broken: number
}

export interface Push {
  scene: GreedyEnvironment
  caller: Caller
  tally: Tally
  /** Aborted when it shall stop pushing. */
  signal: AbortSignal
}

/** One way to take more than one's share. */
export interface GreedyKind {
  name: string
  /** What must be there first; returns the pushing itself, which ends soon after the signal. */
  prepare(push: Push): Promise<() => Promise<void>>
}

export const newTally = (): Tally => ({ taken: 0, limited: 0, refused: 0, failed: 0, broken: 0 })

/** Counts one answer. */
export function count(tally: Tally, status: number): void {
  if (status < 400) tally.taken += 1
  else if (status === 429) tally.limited += 1
  else if (status < 500) tally.refused += 1
  else tally.failed += 1
}

/**
 * A client that is refused a connection tries again after this, in milliseconds, so that it
 * measures the server and not itself.
 */
const restMs = 20

/**
 * Asks without end, `workers` questions at a time, as fast as the server takes them. Only 429 slows
 * a worker down: it waits as long as it is told.
 */
export async function flood(
  { tally, signal }: Pick<Push, 'tally' | 'signal'>,
  workers: number,
  ask: (n: number) => Promise<Answer>,
): Promise<void> {
  let next = 0
  const work = async () => {
    while (!signal.aborted) {
      const n = next
      next += 1
      try {
        const { status, retryAfterMs } = await ask(n)
        count(tally, status)
        if (status === 429) await rest(retryAfterMs, signal)
      } catch {
        tally.broken += 1
        await rest(restMs, signal)
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
}

/** Waits, until the signal at the longest. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}

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
