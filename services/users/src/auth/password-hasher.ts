import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { AppError } from '@finnigram/service-kit'
import { hash, parseOptions, verify } from '@node-rs/argon2'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms of one core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** Hashes that may wait for each core: about five seconds. Who waits longer has given up. */
const waitingPerCore = 256

export interface Verified {
  matches: boolean
  /** The hash was made with other parameters than today's. */
  outdated: boolean
}

export interface PasswordHasher {
  /** `by` is for whom it is done, such as an address: they are served in turn. */
  hash(password: string, by?: string): Promise<string>
  /** Compares with a stored hash; without one (no such person) it takes the same time and does not match. */
  verify(password: string, stored: string | undefined, by?: string): Promise<Verified>
  /** Hashes that wait for a core. */
  readonly waiting: number
}

/** Hashes passwords with argon2id, at most as many at once as there are cores; beyond a bounded queue it throws `unavailable`. */
export async function createPasswordHasher({
  cores = availableParallelism(),
  waiting = cores * waitingPerCore,
  perKey = Math.ceil(waiting / 4),
}: {
  cores?: number
  waiting?: number
  perKey?: number
} = {}): Promise<PasswordHasher> {
  const turns = createTurns(cores, { waitingAtMost: waiting, perKey })
  const nobodys = await hash(randomUUID(), cost)
  return {
    hash: (password, by = '') => turns.take(by, () => hash(canonical(password), cost)),
    verify: (password, stored, by = '') =>
      turns.take(by, async () => {
        const matches = await verify(stored ?? nobodys, canonical(password))
        return {
          matches: matches && stored !== undefined,
          outdated: stored !== undefined && isOutdated(stored),
        }
      }),
    get waiting() {
      return turns.waiting()
    },
  }
}

/** One keyboard types é as one character, another as two (RFC 8265, OpaqueString). */
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

/** Serves keys in turn: who asks a hundred times makes a hundredth of others wait, and has at most a quarter of the queue. */
function createTurns(atOnce: number, { waitingAtMost, perKey }: { waitingAtMost: number; perKey: number }) {
  /** Whose turn is next comes first. */
  const lines = new Map<string, (() => void)[]>()
  let running = 0
  let waiting = 0

  const wait = (key: string) => {
    const line = lines.get(key) ?? []
    if (waiting >= waitingAtMost || line.length >= perKey)
      throw new AppError('unavailable', { retryAfter: 2 })
    waiting += 1
    lines.set(key, line)
    return new Promise<void>((resolve) => line.push(resolve))
  }
  const goOn = () => {
    const [first] = lines
    if (!first) {
      running -= 1
      return
    }
    const [key, line] = first
    const next = line.shift()
    lines.delete(key)
    if (line.length > 0) lines.set(key, line)
    waiting -= 1
    next?.()
  }
  return {
    async take<T>(key: string, work: () => Promise<T>): Promise<T> {
      if (running < atOnce) running += 1
      else await wait(key)
      try {
        return await work()
      } finally {
        goOn()
      }
    },
    waiting: () => waiting,
  }
}
