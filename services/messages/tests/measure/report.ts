/**
 * Prints how many of something were done a second, how long each took, and what it cost this
 * process.
 */
export function report(
  name: string,
  { latencies, seconds, cpu }: { latencies: number[]; seconds: number; cpu: NodeJS.CpuUsage },
): void {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  const each = ((cpu.user + cpu.system) / sorted.length).toFixed(0)
  const perSecond = Math.round(sorted.length / seconds)
  process.stdout.write(
    `${name}: ${perSecond} a second, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${each} µs of Node each\n`,
  )
}
