/** What one greedy client may cost everyone else. Every number that is judged stands here. */
export const bars = {
  /** The quiet people's sends, p50 and p99: so many times what they take without the greedy one. */
  slowdown: 3,
  /** Latencies below these count as quick whatever their ratio, in milliseconds: the machine's own noise decides them. */
  quick: { p50: 15, p99: 60 },
  /** Until a new socket of a quiet person is ready, p99 in milliseconds: one that is told to come later comes later. */
  joinMs: 8_000,
  /** Resident memory that any process may grow by, in bytes. */
  growthBytes: 150 * 2 ** 20,
  /** Longest that any event loop may stand still, in milliseconds. */
  stallMs: 200,
  /**
   * Files and connections that any process may hold on top of what it held before. The gateway lets one address have 2,000
   * connections, and passes 256 calls of it on; the kinds open 1,000, or turn away 400 new ones a second.
   */
  openFiles: 1_500,
  /** Calm again: p99 of the quiet people's sends, as a multiple of what it was before. */
  slowdownAfter: 2,
  /** Resident memory that any process may keep, in bytes. */
  keptBytes: 120 * 2 ** 20,
  /** Facts that are not published, and rows that search has to index: the quiet people go on, so a few are always there. */
  waiting: 20,
  /** Bytes in the file store that no upload and no file accounts for. */
  strayBytes: 16 * 2 ** 20,
} as const

/** For a machine that does other things as well, such as one that runs tests: what was once a fault breaks them all the same. */
export const looseBars: Bars = {
  ...bars,
  slowdown: 8,
  quick: { p50: 400, p99: 2_500 },
  slowdownAfter: 8,
  // Nobody is told to come later for an account's sake; a busy machine that lets nobody in for seconds is.
  joinMs: 20_000,
  // A loop also stands still while other programs have the processor.
  stallMs: 500,
  // What the gateway grants an address: 2,000 connections and 256 calls.
  openFiles: 2_300,
  growthBytes: 200 * 2 ** 20,
  keptBytes: 160 * 2 ** 20,
}

export type Bars = { readonly [K in keyof typeof bars]: (typeof bars)[K] extends number ? number : Latencies }
interface Latencies {
  readonly p50: number
  readonly p99: number
}
