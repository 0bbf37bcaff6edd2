import { setTimeout as sleep } from 'node:timers/promises'
import { type LatencySummary, summarise } from '../latencies.ts'
import { connectionsFrom, type Footprint, readFootprint } from './footprint.ts'
import { forkProgram } from './fork-program.ts'
import type { Tally } from './greedy-kind.ts'
import type { GreedyTask } from './greedy-process.ts'
import type { GreedyProduct } from './greedy-product.ts'
import { type KindName, kinds } from './kinds.ts'
import type { QuietRecord, QuietSample } from './quiet-process.ts'
import { lookAt, type Standing, watchServers } from './watch-servers.ts'

/** How long each part of a measurement lasts, in seconds. */
export interface Durations {
  /** Before the greedy one begins; counts towards what is quiet. */
  calm: number
  greedy: number
  /** From the end of the greedy one until everything must be as before. */
  after: number
}

type Latency = Record<'calm' | 'greedy' | 'after', LatencySummary>

/** What one greedy client did to everyone else. */
export interface KindResult {
  name: string
  seconds: number
  tally: Tally
  sends: Latency
  arrivals: Latency
  /** Of the quiet people, from the first moment of the greedy one to the last after it. */
  quiet: Omit<QuietRecord, 'samples'>
  before: Record<string, Standing>
  most: Readonly<Record<string, Standing>>
  after: Record<string, Standing>
  stalls: Readonly<Record<string, number>>
  footprint: { before: Footprint; after: Footprint }
  /** Connections of the greedy one that are still held. */
  connections: number
}

/** Windows of the quiet people's time that nobody disturbed; the baseline is all of them. */
export interface Calm {
  readonly windows: [from: number, to: number][]
}

const now = () => performance.timeOrigin + performance.now()
const seconds = (count: number) => sleep(count * 1_000)

/** Lets one greedy client loose on the product, and measures the others before, meanwhile and afterwards. */
export async function runKind(
  product: GreedyProduct,
  kind: KindName,
  { durations, calm }: { durations: Durations; calm: Calm },
): Promise<KindResult> {
  const { server, databases } = product
  const scene = await product.newScene(durations.greedy)
  await using greedy = forkProgram('./greedy-process.ts')
  await greedy.ask({ kind, scene } satisfies GreedyTask)
  await addCalm(calm, durations.calm)
  await product.takeQuiet()
  const footprint = await readFootprint(server, databases)
  const before = await lookAt(server)

  const from = now()
  let tally: Tally
  const watch = await watchServers(server)
  {
    await using _ = watch
    greedy.tell('go')
    await seconds(durations.greedy)
    tally = await greedy.ask<Tally>('stop')
  }
  const to = now()
  const costs = await readFootprint(server, databases)
  await seconds(durations.after)
  const ended = now()
  const last = await readFootprint(server, databases)
  const after = await lookAt(server)
  const quiet = await product.takeQuiet()
  const windowsOf = (kindOf: QuietSample['kind']): Latency => ({
    calm: latencyOf(product.samples, kindOf, calm.windows),
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
    quiet,
    before,
    most: watch.most,
    after,
    stalls: watch.stalls,
    footprint: {
      before: footprint,
      after: { ...last, redisBytes: costs.redisBytes, diskBytes: costs.diskBytes },
    },
    connections: connectionsFrom(scene.account.address),
  }
}

/** Waits, and counts the time as undisturbed. */
export async function addCalm(calm: Calm, forSeconds: number): Promise<void> {
  if (forSeconds === 0) return
  const from = now()
  await seconds(forSeconds)
  calm.windows.push([from, now()])
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
