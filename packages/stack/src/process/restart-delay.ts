/** How long to wait before the restart that follows `failures` quick deaths in a row: 100 ms, doubling, at most 5 s. */
export function restartDelayMs(failures: number): number {
  return Math.min(100 * 2 ** failures, 5_000)
}
