import { test } from 'vitest'
import type { Target } from './target.ts'

/** Something a hostile client may try. */
export interface Attack {
  /** What the product does about it. */
  holds: string
  /** Who names it: ASVS 5.0 by requirement, the API Security Top 10 by year, RFCs. */
  reference: string
  run(target: Target): Promise<void>
}

/** One test for every attack. */
export function testAttacks(target: () => Target, attacks: readonly Attack[]): void {
  for (const { holds, reference, run } of attacks) test(`${holds} (${reference})`, () => run(target()))
}
