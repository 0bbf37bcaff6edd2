import { createMutex, type Mutex } from './mutex.ts'

/** Runs `task` while nobody else on this device holds `name`. */
export type CrossTabLock = <T>(name: string, task: () => Promise<T>) => Promise<T>

/**
 * A browser may put a tab to sleep with a lock in its hands. Past this, in milliseconds, the work is done without: what is
 * guarded is safe to do twice, only less tidy.
 */
const longestWaitMs = 20_000

/**
 * One holder across all tabs of a browser where it has the Web Locks API, and lends locks; else one
 * within this client.
 */
export function createCrossTabLock(locks: LockManager | null = browserLocks()): CrossTabLock {
  const queues = new Map<string, Mutex>()
  const withinClient: CrossTabLock = (name, task) => {
    const mutex = queues.get(name) ?? createMutex()
    queues.set(name, mutex)
    return mutex(task)
  }
  if (!locks) return withinClient
  return (name, task) => acrossTabs(locks, name, task, withinClient)
}

function browserLocks(): LockManager | null {
  try {
    return globalThis.navigator?.locks ?? null
  } catch {
    return null
  }
}

function acrossTabs<T>(
  locks: LockManager,
  name: string,
  task: () => Promise<T>,
  withinClient: CrossTabLock,
): Promise<T> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), longestWaitMs)
  return new Promise<T>((resolve, reject) => {
    const work = () => {
      clearTimeout(timer)
      return task().then(resolve, reject)
    }
    locks.request(name, { signal: giveUp.signal }, work).catch(() => {
      if (giveUp.signal.aborted) return void work()
      // Where cookies are blocked there are no locks either, and nothing that tabs share.
      clearTimeout(timer)
      withinClient(name, task).then(resolve, reject)
    })
  })
}
