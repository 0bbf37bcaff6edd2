import { createSerial, type Serial } from './serial.ts'

/** Runs `task` while nobody else on this device holds `name`. */
export type Exclusive = <T>(name: string, task: () => Promise<T>) => Promise<T>

/** One holder across all tabs of a browser where it has the Web Locks API, else one within this client. */
export function createExclusive(locks: LockManager | undefined = globalThis.navigator?.locks): Exclusive {
  if (locks) return (name, task) => acrossTabs(locks, name, task)
  const queues = new Map<string, Serial>()
  return (name, task) => {
    const serial = queues.get(name) ?? createSerial()
    queues.set(name, serial)
    return serial(task)
  }
}

function acrossTabs<T>(locks: LockManager, name: string, task: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    locks.request(name, () => task().then(resolve, reject)).catch(reject)
  })
}
