import { parentPort, workerData } from 'node:worker_threads'
import { lockDataDirectory } from '../src/data-directory/lock-data-directory.ts'

export interface LockDirectories {
  directories: readonly string[]
  /**
   * How many have arrived before a directory, in all rounds: nobody begins a round before the
   * others are there.
   */
  arrived: Int32Array
  threads: number
}

/**
 * A thread that takes each of the directories at the same moment as its siblings, keeps what it
 * gets, and tells which it got.
 */
const { directories, arrived, threads } = workerData as LockDirectories
const kept: unknown[] = []
const taken: string[] = []
for (const [round, directory] of directories.entries()) {
  Atomics.add(arrived, 0, 1)
  while (Atomics.load(arrived, 0) < threads * (round + 1)) {
    // Spinning is what makes them begin within the same microseconds.
  }
  try {
    kept.push(await lockDataDirectory(directory))
    taken.push(directory)
  } catch {
    // Another one has it.
  }
}
parentPort?.postMessage(taken)
// Keeps the locks until it is ended.
setInterval(() => kept.length, 60_000)
