import { createHostRests } from './host-rests.ts'

/** Notifications of one person that may be on their way to browsers at once. */
const atOnce = 8
/** How long the others are put off, in milliseconds. */
const putOffMs = 1000

/** How much of what a node can do at once one person gets: who names fifty hosts that hang keeps nobody else waiting. */
export function createPersonLimits() {
  const rests = createHostRests()
  const underWay = new Map<string, number>()
  return {
    /** Milliseconds that a person's browsers are to be left alone; undefined when they are not. */
    restOf: (userId: string): number | undefined =>
      rests.restOf(userId) ?? ((underWay.get(userId) ?? 0) < atOnce ? undefined : putOffMs),
    begin(userId: string): void {
      underWay.set(userId, (underWay.get(userId) ?? 0) + 1)
    },
    end(userId: string, isWell: boolean): void {
      const left = (underWay.get(userId) ?? 1) - 1
      if (left > 0) underWay.set(userId, left)
      else underWay.delete(userId)
      rests.note(userId, isWell)
    },
  }
}
