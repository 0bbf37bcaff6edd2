const turnMs = 20

interface Clock {
  now: number
  waiting: Set<{ due: number; resolve: () => void }>
}

let clock: Clock | undefined

/**
 * Counts the 20 ms ticks that this process ran since the first call, in milliseconds. On a busy
 * machine that is less than real time, so a timeout that is based on it does not expire early.
 */
export function cpuMs(): number {
  clock ??= begin()
  return clock.now
}

/** Resolves when this process was given `ms` milliseconds more. */
export function sleepCpuTime(ms: number): Promise<void> {
  clock ??= begin()
  const { now, waiting } = clock
  return new Promise((resolve) => waiting.add({ due: now + ms, resolve }))
}

function begin(): Clock {
  const begun: Clock = { now: 0, waiting: new Set() }
  const turn = () => {
    begun.now += turnMs
    for (const wait of begun.waiting) {
      if (wait.due > begun.now) continue
      begun.waiting.delete(wait)
      wait.resolve()
    }
  }
  setInterval(turn, turnMs).unref()
  return begun
}
