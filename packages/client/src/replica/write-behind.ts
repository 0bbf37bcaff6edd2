import type { Serial } from '../mutex.ts'
import type { Change } from './store.ts'

/** Writes changes after what is under way. What comes while the store is busy is written with what waits already: a message never waits for every letter of its draft. */
export function createWriteBehind(serial: Serial, write: (changes: Change[]) => Promise<void>) {
  let waiting: { changes: Change[]; written: Promise<void> } | undefined
  return (changes: readonly Change[]): Promise<void> => {
    if (!waiting) {
      const batch: Change[] = []
      const written = serial(() => {
        waiting = undefined
        return write(batch)
      })
      waiting = { changes: batch, written }
    }
    waiting.changes.push(...changes)
    return waiting.written
  }
}
