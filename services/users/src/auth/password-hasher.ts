import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { AppError } from '@finnigram/service-kit'
import { hash, parseOptions, verify } from '@node-rs/argon2'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms of one core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** Hashes that may wait for each core: about five seconds. Callers give up by then. */
const waitingPerCore = 256

export interface Verified {
  matches: boolean
  /** The hash was made with other parameters than today's. */
  outdated: boolean
}

export interface PasswordHasher {
  /** `key` is the requester, such as an IP address: keys are served round-robin. */
  hash(password: string, key?: string): Promise<string>
  /**
   * Compares with a stored hash. Without one (no such user) it takes as long and does not match.
   */
  verify(password: string, stored: string | undefined, key?: string): Promise<Verified>
  /** Hashes that wait for a core. */
  readonly waiting: number
}

export interface WithHasher {
  readonly hasher: PasswordHasher
}

/**
 * Hashes passwords with argon2id, one per core at a time. Others wait in a bounded queue; beyond it
 * callers get `unavailable`.
 */
export async function createPasswordHasher({
  cores = availableParallelism(),
  waiting = cores * waitingPerCore,
  perKey = Math.ceil(waiting / 4),
}: {
  cores?: number
  waiting?: number
  perKey?: number
} = {}): Promise<PasswordHasher> {
  const semaphore = createFairSemaphore(cores, { waitingAtMost: waiting, perKey })
  const dummyHash = await hash(randomUUID(), cost)
  return {
    hash: (password, key = '') => semaphore.run(key, () => hash(canonical(password), cost)),
    verify: (password, stored, key = '') =>
      semaphore.run(key, async () => {
        const matches = await verify(stored ?? dummyHash, canonical(password))
        return {
          matches: matches && stored !== undefined,
          outdated: stored !== undefined && isOutdated(stored),
        }
      }),
    get waiting() {
      return semaphore.waiting()
    },
  }
}

/** Keyboards type é as one character or as two (RFC 8265, OpaqueString). */
const canonical = (password: string) => password.normalize('NFC')

function isOutdated(stored: string): boolean {
  const { memoryCost, timeCost, parallelism, outputLen } = parseOptions(stored)
  return (
    memoryCost !== cost.memoryCost ||
    timeCost !== cost.timeCost ||
    parallelism !== cost.parallelism ||
    outputLen !== cost.outputLen
  )
}

/**
 * A semaphore that serves keys round-robin: one key with a hundred calls delays others by one call
 * each, and has at most `perKey` places in the queue.
 */
function createFairSemaphore(
  atOnce: number,
  { waitingAtMost, perKey }: { waitingAtMost: number; perKey: number },
) {
  /** By key, the next one first. */
  const queues = new Map<string, (() => void)[]>()
  let running = 0
  let waiting = 0

  const wait = (key: string) => {
    const queue = queues.get(key) ?? []
    if (waiting >= waitingAtMost || queue.length >= perKey)
      throw new AppError('unavailable', { retryAfter: 2 })
    waiting += 1
    queues.set(key, queue)
    return new Promise<void>((resolve) => queue.push(resolve))
  }
  const release = () => {
    const [first] = queues
    if (!first) {
      running -= 1
      return
    }
    const [key, queue] = first
    const next = queue.shift()
    queues.delete(key)
    if (queue.length > 0) queues.set(key, queue)
    waiting -= 1
    next?.()
  }
  return {
    async run<T>(key: string, work: () => Promise<T>): Promise<T> {
      if (running < atOnce) running += 1
      else await wait(key)
      try {
        return await work()
      } finally {
        release()
      }
    },
    waiting: () => waiting,
  }
}
