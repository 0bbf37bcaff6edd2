import { createMutex, type Mutex } from './mutex.ts'

/** Runs `task` while nobody else on this device holds the lock `name`. */
export type CrossTabLock = <T>(name: string, task: () => Promise<T>) => Promise<T>

/**
 * Milliseconds to wait for a lock: a browser may suspend the tab that holds it. Past this the task
 * runs without: it is safe to do twice, only wasteful.
 */
const longestWaitMs = 20_000

/**
 * A lock across all tabs by the Web Locks API, where the browser has and allows it; else within
 * this client.
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
      // Where cookies are blocked there are no locks, and nothing that tabs share.
      clearTimeout(timer)
      withinClient(name, task).then(resolve, reject)
    })
  })
}
