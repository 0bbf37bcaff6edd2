import type { Archive, Reader } from './archive-readers.ts'
import { describeLatency, summarise } from './latencies.ts'
import { call } from './population.ts'
import { seededRandom } from './random.ts'
import { reportFigure, reportTitle } from './report.ts'

const samples = 2000
/** Milliseconds. */
const bars = { p50: 1.5, p99: 10 }

/** Measures history pages of 50, one after the other; whether the bars are reached. */
export async function measureHistory(archive: Archive): Promise<boolean> {
  reportTitle(`History: pages of 50, ${samples} of each kind`)
  const random = seededRandom(3)
  const pages: [string, Reader, (lastSeq: number) => string][] = [
    ['random depth, 500 chats', archive.many, (lastSeq) => `before=${1 + Math.floor(random() * lastSeq)}`],
    ['random depth, busiest chat', archive.one, (lastSeq) => `before=${1 + Math.floor(random() * lastSeq)}`],
    ['around a message', archive.many, (lastSeq) => `around=${1 + Math.floor(random() * lastSeq)}`],
    ['the newest', archive.many, () => ''],
  ]
  let isFine = true
  for (const [name, { person, conversations }, query] of pages) {
    const latencies: number[] = []
    for (let i = -100; i < samples; i += 1) {
      const chat = conversations[Math.floor(random() * conversations.length)]
      if (!chat) throw new Error('There is nothing to read')
      const path = `/v1/conversations/${chat.id}/messages?limit=50&${query(chat.count)}`
      const startedAt = performance.now()
      await call(person.url, path, { token: person.token })
      if (i >= 0) latencies.push(performance.now() - startedAt)
    }
    const summary = summarise(latencies)
    reportFigure(name, describeLatency(summary))
    isFine &&= summary.p50 <= bars.p50 && summary.p99 <= bars.p99
  }
  return isFine
}
