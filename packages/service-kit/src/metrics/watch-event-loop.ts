const everyMs = 20

interface Watch {
  longestMs: number
}

let watch: Watch | undefined

/**
 * The longest time, in milliseconds, that this process blocked its event loop since the last call;
 * the first call begins to measure. Only processor time of the thread counts: not the time while
 * the process was stopped (SIGSTOP), or while the machine ran others.
 */
export function takeLongestStall(): number {
  watch ??= begin()
  const { longestMs } = watch
  watch.longestMs = 0
  return longestMs
}

function begin(): Watch {
  const begun: Watch = { longestMs: 0 }
  let at = performance.now()
  let worked = workedMs()
  setInterval(() => {
    const now = performance.now()
    const workedNow = workedMs()
    begun.longestMs = Math.max(begun.longestMs, Math.min(now - at - everyMs, workedNow - worked))
    at = now
    worked = workedNow
  }, everyMs).unref()
  return begun
}

/** Processor time of this thread, in milliseconds. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
