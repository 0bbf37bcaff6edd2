const turnMs = 20

interface Clock {
  now: number
  waiting: Set<{ due: number; resolve: () => void }>
}

let clock: Clock | undefined

/**
 * Milliseconds this process was given since it was first asked: its turns of 20 ms, however long
 * one takes. A machine that runs others, or nobody, gives less, to the servers under test as well;
 * bounds on what they do count this time.
 */
export function cpuMs(): number {
  clock ??= begin()
  return clock.now
}

/** Resolves when this process was given `ms` milliseconds more. */
export function startCpuTime(ms: number): Promise<void> {
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
