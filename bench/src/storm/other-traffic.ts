import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { messageText } from '../frames.ts'
import { request } from './device-link.ts'

export interface Writer {
  token: string
  conversationId: string
}

export interface TrafficPlan {
  url: string
  writers: readonly Writer[]
  /** Sends, and as many reads. */
  perSecond: number
}

export interface TrafficSample {
  kind: 'sends' | 'reads'
  /** Milliseconds since 1970. */
  dueAt: number
  /** From when it was due, in milliseconds. */
  latency: number
}

export interface TrafficRecord {
  samples: TrafficSample[]
  /** Calls that were refused or not answered. */
  failed: number
  /** The newest version of each conversation that was written to, as the answers told. */
  versions: Record<string, number>
}

const now = () => performance.timeOrigin + performance.now()

/**
 * Sends and reads by REST, on a fixed schedule that no slow answer delays (open loop). `stop` ends
 * it and waits for the last answers.
 */
export function startTraffic({ url, writers, perSecond }: TrafficPlan): { stop(): Promise<TrafficRecord> } {
  const record: TrafficRecord = { samples: [], failed: 0, versions: {} }
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()
  const startedAt = now()

  const ask = async (kind: TrafficSample['kind'], { token, conversationId }: Writer, dueAt: number) => {
    const path = `${url}/v1/conversations/${conversationId}/messages`
    const body = JSON.stringify({ id: newId(), text: messageText(record.samples.length) })
    try {
      const question = kind === 'reads' ? { url: `${path}?limit=50` } : { url: path, body }
      const { status, text } = await request({ ...question, token })
      if (status >= 300) throw new Error(`${kind} answered ${status}`)
      record.samples.push({ kind, dueAt, latency: now() - dueAt })
      if (kind === 'sends') note(record, conversationId, text)
    } catch {
      record.failed += 1
    }
  }
  const run = async () => {
    for (let number = 0; !stopping.signal.aborted; await sleep(1)) {
      for (; ; number += 1) {
        const dueAt = startedAt + (number * 1000) / (2 * perSecond)
        const writer = writers[(number >> 1) % writers.length]
        if (dueAt > now() || !writer) break
        const answered = ask(number % 2 === 0 ? 'sends' : 'reads', writer, dueAt)
        underWay.add(answered)
        void answered.finally(() => underWay.delete(answered))
      }
    }
    await Promise.all(underWay)
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
      return record
    },
  }
}

function note({ versions }: TrafficRecord, conversationId: string, text: string): void {
  const { version } = JSON.parse(text) as { version: number }
  versions[conversationId] = Math.max(version, versions[conversationId] ?? 0)
}
