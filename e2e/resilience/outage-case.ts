import type { Target } from '@finnigram/proof'
import { afterAll, expect, test } from 'vitest'
import { all, type Capability } from './capabilities.ts'
import { cpuMs, sleepCpuTime } from './cpu-time.ts'
import { outcomes, probeCapabilities, type Survey, untilWell } from './probe-capabilities.ts'
import type { RunningProduct } from './running-product.ts'

/** One way in which something is gone for a while. */
export interface OutageCase {
  title: string
  /** Makes sure of what is to be lost. */
  beforehand?(product: RunningProduct): Promise<void>
  begin(product: RunningProduct): unknown
  /** Ends the cause; resolves when it has ended. */
  end(product: RunningProduct): unknown
  /** Whose processes are new when it has ended. */
  renews?: Target['part']
  /**
   * How long it takes until all know that something is gone, in milliseconds that are given; before
   * that, what is tried may take longer.
   */
  settleMs?: number
  /**
   * What is refused meanwhile; `anything` where what is gone comes back at a moment that nobody
   * knows.
   */
  refused?: readonly Capability[] | 'anything'
  /** What is neither done nor refused, but done as soon as it can be. */
  waits?: readonly Capability[]
  /** A message that is sent meanwhile is on the other device before the cause ends. */
  hearsNews?: boolean
  /** More to see meanwhile, or afterwards. */
  meanwhile?(product: RunningProduct): Promise<unknown>
  afterwards?(product: RunningProduct): Promise<void>
}

/** All is well again within this, in milliseconds that are given. */
const healMs = 5_000
/**
 * News reach those who ask for them within this, in milliseconds that are given: twice as long as
 * who hears nothing waits at most.
 */
const newsMs = 30_000

/**
 * Tests what works while something is gone, that nothing hangs, exits or stalls, that all of it
 * heals by itself, and that a message sent meanwhile arrives.
 */
export function testOutages(product: () => RunningProduct, rows: readonly OutageCase[]): void {
  const figures: string[] = []
  test.each(rows)(
    '$title',
    async (row) => {
      const { cluster } = product()
      await untilWell(product())
      await row.beforehand?.(product())
      await cluster.stalls()

      const played = await play(row, product())
      await row.afterwards?.(product())

      const stalls = stallsOfRow(row, { before: played.stalls, after: await cluster.stalls() })
      figures.push(describe(row, { ...played, stalls }))
      expectOutcomes(played.found, row)
      expect(played.healedMs).toBeLessThan(healMs)
      if (row.hearsNews) expect(played.isNewsLate).toBe(false)
      expect(cluster.crashes).toEqual([])
      expect(longStalls(stalls)).toEqual([])
    },
    90_000,
  )
  afterAll(() => void process.stdout.write(`${figures.join('\n')}\n`))
}

interface Play {
  found: Survey
  /** From the end of the cause until everything works. */
  healedMs: number
  /** From the moment it was sent until the message sent meanwhile was on the other device. */
  arrivedMs: number
  /** It was not there before the cause ended. */
  isNewsLate: boolean
  /** Until the cause had ended. */
  stalls: Stalls
}

async function play(row: OutageCase, product: RunningProduct): Promise<Play> {
  const { title, begin, end, settleMs = 0, waits = [], hearsNews = false, meanwhile } = row
  await begin(product)
  if (settleMs > 0) await sleepCpuTime(settleMs)
  const told = cpuMs()
  const arrives = product.tell(`told while ${title}`).then(() => cpuMs() - told)
  const news = Promise.race([arrives, sleepCpuTime(hearsNews ? newsMs : 0)])
  const waiting = probeCapabilities(product, waits)
  const found = await probeCapabilities(
    product,
    all.filter((capability) => !waits.includes(capability)),
  )
  await meanwhile?.(product)
  const isNewsLate = (await news) === undefined
  await end(product)
  const stalls = await product.cluster.stalls()
  const [healedMs, waited] = await Promise.all([untilWell(product), waiting])
  return { found: { ...found, ...waited }, healedMs, arrivedMs: await arrives, isNewsLate, stalls }
}

function expectOutcomes(found: Survey, { refused = [] }: OutageCase) {
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

function describe({ title, hearsNews }: OutageCase, { found, healedMs, arrivedMs, stalls }: Play): string {
  const [slowest, slowestMs] = Object.entries(found)
    .map(([name, { ms }]) => [name, ms] as const)
    .reduce((one, other) => (other[1] > one[1] ? other : one))
  const where = hearsNews ? 'meanwhile' : 'in the end'
  return `${title}: answers within ${slowestMs} ms (${slowest}), well after ${healedMs} ms, message there ${where} after ${arrivedMs} ms, longest stall ${longest(stalls)}`
}

/**
 * By process, what `cluster.stalls` says: processor time that kept an event loop from turning, in
 * milliseconds.
 */
type Stalls = Readonly<Record<string, number>>

/** No event loop works for longer without a pause, in milliseconds. */
const stallMs = 200

/**
 * The longest stalls of a row, from readings when its cause had ended and afterwards. What a new
 * process works before it serves holds nobody up.
 */
function stallsOfRow(
  { renews }: Pick<OutageCase, 'renews'>,
  readings: { before: Stalls; after: Stalls },
): Stalls {
  const before = Object.entries(readings.before).filter(([name]) => !renews || !name.startsWith(`${renews}-`))
  const after = Object.entries(readings.after)
  const longest: Record<string, number> = {}
  for (const [name, ms] of [...before, ...after]) longest[name] = Math.max(longest[name] ?? 0, ms)
  return longest
}

/** Those that are too long. */
export const longStalls = (stalls: Stalls) => Object.entries(stalls).filter(([, ms]) => ms > stallMs)

/** The longest of them, in words. */
export function longest(stalls: Stalls): string {
  const [name, ms] = Object.entries(stalls).reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0])
  return `${Math.round(ms)} ms (${name})`
}
