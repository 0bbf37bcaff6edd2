import { parentPort, workerData } from 'node:worker_threads'
import { lockDataDirectory } from '../src/data-directory/lock-data-directory.ts'

export interface LockDirectories {
  homes: readonly string[]
  /** How many have arrived before a home, in all rounds: nobody begins a round before the others are there. */
  arrived: Int32Array
  threads: number
}

/** A thread that takes each of the homes at the same moment as its siblings, keeps what it gets, and tells which it got. */
const { homes, arrived, threads } = workerData as LockDirectories
const kept: unknown[] = []
const taken: string[] = []
for (const [round, home] of homes.entries()) {
  Atomics.add(arrived, 0, 1)
  while (Atomics.load(arrived, 0) < threads * (round + 1)) {
    // Spinning is what makes them begin within the same microseconds.
  }
  try {
    kept.push(await lockDataDirectory(home))
    taken.push(home)
  } catch {
    // Another one has it.
  }
}
parentPort?.postMessage(taken)
// Keeps the locks until it is ended.
setInterval(() => kept.length, 60_000)
