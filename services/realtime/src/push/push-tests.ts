import { pause, type RedisLink } from '@finnigram/service-kit'
import { Outcome } from './send/outcome.ts'

/** How a test went on whatever node took it from the queue. */
export interface PushTests {
  /** A node has taken it. */
  taken(testId: string): Promise<unknown>
  ended(testId: string, outcome: Outcome): Promise<unknown>
  /** Waits for the end for at most `ms`: the outcome, or how far it came. */
  hear(testId: string, ms: number): Promise<Outcome | 'taken' | 'queued'>
}

/** Somebody waits for it now, or nobody does. */
const keptForMs = 60_000
const lookEveryMs = 100
const takenMark = 'taken'

export function createPushTests({ commands }: RedisLink): PushTests {
  const keyOf = (testId: string) => `finnigram:push:test:${testId}`
  const write = (testId: string, text: string) => commands.set(keyOf(testId), text, 'PX', keptForMs)
  return {
    taken: (testId) => write(testId, takenMark),
    ended: (testId, outcome) => write(testId, JSON.stringify(outcome)),
    async hear(testId, ms) {
      const deadline = performance.now() + ms
      for (;;) {
        const text = await commands.get(keyOf(testId))
        if (text !== null && text !== takenMark) return Outcome.parse(JSON.parse(text))
        if (performance.now() > deadline) return text === takenMark ? 'taken' : 'queued'
        await pause(lookEveryMs)
      }
    },
  }
}
