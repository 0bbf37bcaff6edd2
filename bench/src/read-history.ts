import type { Archive, Reader } from './archive-readers.ts'
import { type LatencySummary, summarise } from './latencies.ts'
import { call } from './population.ts'
import { seededRandom } from './random.ts'
import { reportFigure, reportTitle } from './report.ts'

/** Of every kind, in each of three rounds: one moment of a shared machine is in one of them only. */
const samples = 1000
const rounds = 3
/** Milliseconds; of the median round. */
const bars = { p50: 1.5, p99: 10 }
/** Pages read before anything is counted: the servers have just started. */
const warmUp = 1500

/** Measures history pages of 50, one after the other; whether the bars are reached. */
export async function measureHistory(archive: Archive): Promise<boolean> {
  reportTitle(`History: pages of 50, the medians of ${rounds} rounds with ${samples} of each kind`)
  const random = seededRandom(3)
  const somewhere = (name: string) => (lastSeq: number) => `${name}=${1 + Math.floor(random() * lastSeq)}`
  const kinds: [string, Reader, (lastSeq: number) => string][] = [
    ['random depth, 500 chats', archive.many, somewhere('before')],
    ['random depth, busiest chat', archive.one, somewhere('before')],
    ['around a message', archive.many, somewhere('around')],
    ['the newest', archive.many, () => ''],
  ]
  for (let i = 0; i < warmUp; i += 1) await readPage(archive.many, { random, query: somewhere('before') })
  let isFine = true
  for (const [name, reader, query] of kinds) {
    const summaries: LatencySummary[] = []
    for (let round = 0; round < rounds; round += 1) {
      const latencies: number[] = []
      for (let i = 0; i < samples; i += 1) latencies.push(await readPage(reader, { random, query }))
      summaries.push(summarise(latencies))
    }
    const p50 = spreadOf(summaries.map((summary) => summary.p50))
    const p99 = spreadOf(summaries.map((summary) => summary.p99))
    reportFigure(name, `p50 ${p50.text} · p99 ${p99.text}`)
    isFine &&= p50.median <= bars.p50 && p99.median <= bars.p99
  }
  return isFine
}

/** Reads one page; how long that took, in milliseconds. */
async function readPage(
  { person, conversations }: Reader,
  { random, query }: { random: () => number; query: (lastSeq: number) => string },
): Promise<number> {
  const chat = conversations[Math.floor(random() * conversations.length)]
  if (!chat) throw new Error('There is nothing to read')
  const path = `/v1/conversations/${chat.id}/messages?limit=50&${query(chat.count)}`
  const startedAt = performance.now()
  await call(person.url, path, { token: person.token })
  return performance.now() - startedAt
}

function spreadOf(figures: readonly number[]): { median: number; text: string } {
  const sorted = figures.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const [least, most] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN]
  return { median, text: `${median.toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)})` }
}
