import { fullJitter } from '@finnigram/admission'

export interface BackoffRange {
  baseMs: number
  maxMs: number
}

const usual: BackoffRange = { baseMs: 500, maxMs: 30_000 }

/**
 * Milliseconds to wait before try `attempt` (from 0): exponential with full jitter, 0.5 s to 30 s
 * by default.
 */
export function backoffMs(attempt: number, range: BackoffRange = usual, random = Math.random): number {
  return fullJitter(attempt, { ...range, random })
}
