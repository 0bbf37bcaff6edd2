import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { all, type Capability } from './capabilities.ts'
import type { Stage } from './stage.ts'
import { outcomes, type Survey, survey, untilWell } from './survey.ts'

/** One way in which something is gone for a while. */
export interface Row {
  title: string
  begin(stage: Stage): unknown
  /** Ends the cause; resolves when it has ended. */
  end(stage: Stage): unknown
  /** How long it takes until all know that something is gone, in milliseconds; before that, what is tried may take longer. */
  settleMs?: number
  /** What is refused meanwhile; `anything` where what is gone comes back at a moment that nobody knows. */
  refused?: readonly Capability[] | 'anything'
  /** What is neither done nor refused, but done as soon as it can be. */
  waits?: readonly Capability[]
  /** More to see meanwhile, or afterwards. */
  meanwhile?(stage: Stage): Promise<unknown>
  afterwards?(stage: Stage): Promise<void>
}

/** All is well again within this, in milliseconds. */
const healMs = 5_000
/** No event loop works for longer without a pause, in milliseconds. */
const stallMs = 200

/** Tests what works while something is gone, that nothing hangs, exits or stalls, that all of it heals by itself, and that a message sent meanwhile arrives. */
export function testRows(stage: () => Stage, rows: readonly Row[]): void {
  const figures: string[] = []
  test.each(rows)(
    '$title',
    async (row) => {
      const { cluster } = stage()
      await untilWell(stage())
      await cluster.stalls()

      const { found, healedMs, arrivedMs } = await play(row, stage())
      await row.afterwards?.(stage())

      const stalls = await cluster.stalls()
      figures.push(describe(row, { found, healedMs, arrivedMs, stalls }))
      expectOutcomes(found, row)
      expect(healedMs).toBeLessThan(healMs)
      expect(cluster.crashes).toEqual([])
      expect(Object.entries(stalls).filter(([, ms]) => ms > stallMs)).toEqual([])
    },
    90_000,
  )
  afterAll(() => void process.stdout.write(`${figures.join('\n')}\n`))
}

interface Play {
  found: Survey
  /** From the end of the cause until everything works. */
  healedMs: number
  /** From then until the message sent meanwhile is on the other device. */
  arrivedMs: number
}

async function play(
  { title, begin, end, settleMs = 0, waits = [], meanwhile }: Row,
  stage: Stage,
): Promise<Play> {
  await begin(stage)
  await sleep(settleMs)
  const arrives = stage.tell(`told while ${title}`)
  const waiting = survey(stage, waits)
  const found = await survey(
    stage,
    all.filter((capability) => !waits.includes(capability)),
  )
  await meanwhile?.(stage)
  await end(stage)
  const ended = performance.now()
  const [healedMs, waited] = await Promise.all([untilWell(stage), waiting])
  await arrives
  return { found: { ...found, ...waited }, healedMs, arrivedMs: Math.round(performance.now() - ended) }
}

function expectOutcomes(found: Survey, { refused = [] }: Row) {
  if (refused === 'anything') {
    const odd = Object.entries(outcomes(found)).filter(
      ([, outcome]) => !/^(works|unavailable)$/.test(outcome),
    )
    return expect(odd).toEqual([])
  }
  expect(outcomes(found)).toEqual(
    Object.fromEntries(all.map((name) => [name, refused.includes(name) ? 'unavailable' : 'works'])),
  )
}

function describe({ title }: Row, figures: Play & { stalls: Record<string, number> }): string {
  const { found, healedMs, arrivedMs, stalls } = figures
  const [slowest, slowestMs] = Object.entries(found)
    .map(([name, { ms }]) => [name, ms] as const)
    .reduce((one, other) => (other[1] > one[1] ? other : one))
  const stallMs = Math.round(Math.max(0, ...Object.values(stalls)))
  return `${title}: answers within ${slowestMs} ms (${slowest}), well after ${healedMs} ms, message there after ${arrivedMs} ms, longest stall ${stallMs} ms`
}
