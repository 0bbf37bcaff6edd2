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
  hash(password: string): Promise<string>
  /** Compares with a stored hash; without one (no such person) it takes the same time and does not match. */
  verify(password: string, stored: string | undefined): Promise<Verified>
}

/** Hashes passwords with argon2id, at most as many at once as there are cores; beyond a bounded queue it throws `unavailable`. */
export async function createPasswordHasher({
  cores = availableParallelism(),
  waiting = cores * waitingPerCore,
}: {
  cores?: number
  waiting?: number
} = {}): Promise<PasswordHasher> {
  const turn = createTurns(cores, waiting)
  const nobodys = await hash(randomUUID(), cost)
  return {
    hash: (password) => turn(() => hash(canonical(password), cost)),
    verify: (password, stored) =>
      turn(async () => {
        const matches = await verify(stored ?? nobodys, canonical(password))
        return {
          matches: matches && stored !== undefined,
          outdated: stored !== undefined && isOutdated(stored),
        }
      }),
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

function createTurns(atOnce: number, waitingAtMost: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1
    else {
      if (waiting.length >= waitingAtMost) throw new AppError('unavailable', { retryAfter: 2 })
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
