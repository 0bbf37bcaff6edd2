import { messagesApi } from '@finnigram/contracts'
import { AppError } from '../errors.ts'
import type { Route } from '../http/route.ts'
import { route } from '../http/route.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { reasonOf } from './parked-table.ts'

/** All that a service has set aside, of every kind. */
export interface Parked extends AsyncDisposable {
  /** Stores of one kind count as one. */
  add(...stores: readonly ParkedStore[]): void
  counts(): Promise<Record<string, number>>
  list(query: { kind?: string | undefined; limit: number }): Promise<ParkedItem[]>
  /** Tries again; false where there is none. Throws what went wrong: then it stays. */
  retry(item: { kind: string; id: string }): Promise<boolean>
  drop(item: { kind: string; id: string }): Promise<boolean>
}

/** How often something was parked, since the process started. */
export const parkedCounter = (metrics: Metrics) =>
  metrics.counter('parked_total', 'Things that kept failing and were set aside', ['kind'])

const lookEveryMs = 15_000

/** Knows what a service has set aside, and keeps its metric up to date until disposed of. What cannot be counted at the moment keeps its last count. */
export function createParked(metrics: Metrics): Parked {
  const gauge = metrics.gauge('parked', 'Things that are set aside and wait for an operator', {
    labels: ['kind'],
  })
  const stores: ParkedStore[] = []
  const ending = new AbortController()
  const of = (kind: string | undefined) => stores.filter((one) => kind === undefined || one.kind === kind)
  const counts = async () => {
    const all: Record<string, number> = {}
    for (const store of stores) all[store.kind] = (all[store.kind] ?? 0) + (await store.count())
    return all
  }
  const look = async () => {
    const known = await counts().catch(() => ({}))
    for (const [kind, count] of Object.entries(known)) gauge.set({ kind }, count)
  }
  const run = async () => {
    while (!ending.signal.aborted) {
      await pause(lookEveryMs, ending.signal)
      if (!ending.signal.aborted) await look()
    }
  }
  const running = run()
  return {
    add: (...more) => void stores.push(...more),
    counts,
    async list({ kind, limit }) {
      const lists = await Promise.all(of(kind).map((store) => store.list(limit)))
      return lists
        .flat()
        .toSorted((a, b) => (a.at < b.at ? -1 : 1))
        .slice(0, limit)
    },
    async retry({ kind, id }) {
      for (const store of of(kind)) if (await store.retry(id)) return true
      return false
    },
    async drop({ kind, id }) {
      for (const store of of(kind)) if (await store.drop(id)) return true
      return false
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
    },
  }
}

/** Something that kept failing and was set aside. */
export interface ParkedItem {
  kind: string
  id: string
  /** What it is, in words; none of what people wrote. */
  what: string
  /** What went wrong the last time. */
  reason: string
  /** When it was parked. */
  at: string
}

/** What is parked of one kind. */
export interface ParkedStore {
  readonly kind: string
  count(): Promise<number>
  /** The oldest first. */
  list(most: number): Promise<ParkedItem[]>
  /** Tries again; false where there is none of that id. Throws what went wrong, if that is known at once: then it stays. */
  retry(id: string): Promise<boolean>
  /** Forgets it for good; false where there is none of that id. */
  drop(id: string): Promise<boolean>
}

type Ask = () => Parked | Promise<Parked>

/** What an operator asks of any service, by `npm run parked`. */
export const parkedRoutes = (ask: Ask): Route[] => [
  route(messagesApi.listParked, async ({ query }) => {
    const parked = await ask()
    const [counts, items] = await Promise.all([parked.counts(), parked.list(query)])
    return { counts, items }
  }),
  route(messagesApi.retryParked, async ({ body }) => retry(await ask(), body)),
  route(messagesApi.dropParked, async ({ body }) => {
    if (!(await (await ask()).drop(body))) throw new AppError('not_found')
  }),
]

async function retry(parked: Parked, item: { kind: string; id: string }) {
  const outcome = await parked.retry(item).then(
    (isKnown) => ({ isKnown, reason: null }),
    (error: unknown) => ({ isKnown: true, reason: reasonOf(error) }),
  )
  if (!outcome.isKnown) throw new AppError('not_found')
  return { isDone: outcome.reason === null, reason: outcome.reason }
}
