import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { messageText } from '../frames.ts'
import { type LatencySummary, summarise } from '../latencies.ts'
import { request } from './request.ts'

export interface Writer {
  token: string
  conversationId: string
}

export interface Traffic {
  /** Latencies of what was due from one moment to another (`performance.now()`), from the scheduled time. */
  between(from: number, to: number): Record<'sends' | 'reads', LatencySummary>
  /** Calls that were refused or not answered. */
  readonly failed: number
  /** The newest version of each conversation that was written to, as the answers told. */
  readonly versions: ReadonlyMap<string, number>
  /** Ends it and waits for the last answers. */
  stop(): Promise<void>
}

interface Sample {
  kind: 'sends' | 'reads'
  dueAt: number
  latency: number
}

/** Sends and reads of others by REST, `perSecond` of each, on a fixed schedule that no slow answer delays (open loop). */
export function startTraffic(url: string, writers: readonly Writer[], perSecond: number): Traffic {
  const samples: Sample[] = []
  const versions = new Map<string, number>()
  const under = new Set<Promise<void>>()
  const stopping = new AbortController()
  const startedAt = performance.now()
  let failed = 0

  const ask = async (kind: Sample['kind'], { token, conversationId }: Writer, dueAt: number) => {
    const path = `${url}/v1/conversations/${conversationId}/messages`
    const question =
      kind === 'reads'
        ? { url: `${path}?limit=50`, token }
        : { url: path, token, body: JSON.stringify({ id: newId(), text: messageText(samples.length) }) }
    try {
      const { status, text } = await request(question)
      if (status >= 300) throw new Error(`${kind} answered ${status}`)
      samples.push({ kind, dueAt, latency: performance.now() - dueAt })
      if (kind === 'sends') note(conversationId, JSON.parse(text) as { version: number })
    } catch {
      failed += 1
    }
  }
  const note = (conversationId: string, { version }: { version: number }) =>
    versions.set(conversationId, Math.max(version, versions.get(conversationId) ?? 0))
  const run = async () => {
    for (let number = 0; !stopping.signal.aborted; await sleep(1)) {
      for (; ; number += 1) {
        const dueAt = startedAt + (number * 1000) / (2 * perSecond)
        const writer = writers[(number >> 1) % writers.length]
        if (dueAt > performance.now() || !writer) break
        const answered = ask(number % 2 === 0 ? 'sends' : 'reads', writer, dueAt)
        under.add(answered)
        void answered.finally(() => under.delete(answered))
      }
    }
    await Promise.all(under)
  }
  const running = run()
  return {
    between(from, to) {
      const due = samples.filter(({ dueAt }) => dueAt >= from && dueAt < to)
      const of = (kind: Sample['kind']) =>
        summarise(due.flatMap((sample) => (sample.kind === kind ? sample.latency : [])))
      return { sends: of('sends'), reads: of('reads') }
    },
    versions,
    get failed() {
      return failed
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
