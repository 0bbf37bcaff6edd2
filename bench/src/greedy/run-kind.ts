import { setTimeout as sleep } from 'node:timers/promises'
import { type LatencySummary, summarise } from '../report.ts'
import { connectionsFrom, type Footprint, readFootprint } from './footprint.ts'
import type { Tally } from './greedy-kind.ts'
import { forkProgram, type Program } from './greedy-kind.ts'
import type { GreedyTask } from './greedy-process.ts'
import { addCalm, type GreedyProduct } from './greedy-product.ts'
import type { KindResult, Latency } from './judge-kind.ts'
import { bars, leftovers } from './judge-kind.ts'
import { type KindName, kinds } from './kinds.ts'
import type { QuietSample } from './quiet-process.ts'
import { lookAt, watchServers } from './watch-servers.ts'

/** How long each part of a measurement lasts, in seconds. */
export interface Durations {
  /** Before the greedy one begins; counts towards what is quiet. */
  calm: number
  greedy: number
  /** From the end of the greedy one until everything must be as before, at the latest. */
  after: number
  /** And at the earliest, where nothing is left to wait for; `after` when not said. */
  atLeastAfter?: number
}

const now = () => performance.timeOrigin + performance.now()
const seconds = (count: number) => sleep(count * 1_000)

/**
 * Lets one greedy client loose on the product, and measures the others before, meanwhile and
 * afterwards.
 */
export async function runKind(
  product: GreedyProduct,
  kind: KindName,
  durations: Durations,
): Promise<KindResult> {
  const { server, databases, calm } = product
  const scene = await product.newScene(durations.greedy)
  const { address } = scene.account
  await using greedy = forkProgram(new URL('./greedy-process.ts', import.meta.url))
  await greedy.ask({ kind, scene } satisfies GreedyTask)
  await addCalm(calm, durations.calm)
  await product.takeQuiet()
  const before = await lookAt(server)
  const footprint = await readFootprint(server, databases)

  await using watch = await watchServers(server)
  const from = now()
  const tally = await letLoose(greedy, durations.greedy)
  const to = now()
  const { redisBytes, diskBytes } = await readFootprint(server, databases)
  const left = await settle(product, { before: footprint, address, durations })
  const ended = now()
  // What comes of it may come later.
  await watch[Symbol.asyncDispose]()
  const after = await lookAt(server)
  const quiet = await product.takeQuiet()
  const windowsOf = (kindOf: QuietSample['kind']): Latency => ({
    calm: latencyOf(product.samples, kindOf, calm),
    greedy: latencyOf(product.samples, kindOf, [[from, to]]),
    // The first half is for settling.
    after: latencyOf(product.samples, kindOf, [[(to + ended) / 2, ended]]),
  })
  return {
    name: kinds[kind].name,
    seconds: durations.greedy,
    tally,
    sends: windowsOf('send'),
    arrivals: windowsOf('arrival'),
    joins: windowsOf('join'),
    quiet,
    before,
    most: watch.most,
    after,
    stalls: watch.stalls,
    footprint: { before: footprint, after: { ...left, redisBytes, diskBytes } },
    connections: connectionsFrom(address, server),
  }
}

/** Has the greedy one push for its time; it is gone afterwards. */
async function letLoose(greedy: Program, forSeconds: number): Promise<Tally> {
  greedy.tell('go')
  await seconds(forSeconds)
  const tally = await greedy.ask<Tally>('stop')
  await greedy[Symbol.asyncDispose]()
  return tally
}

interface Settling {
  before: Footprint
  address: string
  durations: Durations
}

/** Waits as long as it is given until nothing is left of the greedy one; what is left then. */
async function settle(
  { server, databases }: GreedyProduct,
  { before, address, durations: { after, atLeastAfter = after } }: Settling,
): Promise<Footprint> {
  const begun = performance.now()
  await seconds(atLeastAfter)
  for (;;) {
    const left = await readFootprint(server, databases)
    const isOver = performance.now() - begun >= after * 1_000
    if (isOver || (leftovers(before, left, bars).length === 0 && connectionsFrom(address, server) === 0))
      return left
    await seconds(0.3)
  }
}

const latencyOf = (
  samples: readonly QuietSample[],
  kind: QuietSample['kind'],
  windows: readonly (readonly [from: number, to: number])[],
): LatencySummary =>
  summarise(
    samples.flatMap((sample) =>
      sample.kind === kind && windows.some(([from, to]) => sample.dueAt >= from && sample.dueAt < to)
        ? sample.latencyMs
        : [],
    ),
  )
