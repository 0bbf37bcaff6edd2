import { messagesApi } from '@finnigram/contracts'
import { AppError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * Parked items: the dead-letter queue of a service. An event, outbox row, mail, notification or
 * upload that keeps failing is set aside with its reason, so that it holds back nothing else.
 *
 * Each kind has a `ParkedStore`: rows of the table `parked` (`parked-table.ts`), or entries beside
 * their stream (`bus/parked-events.ts`). An operator lists, retries and drops them with
 * `npm run parked`, through the routes below. The metric `parked` counts what waits.
 *
 * Nothing is retried by itself, and no item holds what people wrote for longer than 30 days.
 */
export interface Parked extends AsyncDisposable {
  /** Stores of one kind count as one. */
  add(...stores: readonly ParkedStore[]): void
  counts(): Promise<Record<string, number>>
  list(query: { kind?: string | undefined; limit: number }): Promise<ParkedItem[]>
  /** Tries again; false where there is none. Throws what went wrong: then it stays. */
  retry(item: { kind: string; id: string }): Promise<boolean>
  drop(item: { kind: string; id: string }): Promise<boolean>
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

/** The parked items of one kind. */
export interface ParkedStore {
  readonly kind: string
  count(): Promise<number>
  /** The oldest first. */
  list(most: number): Promise<ParkedItem[]>
  /** Tries again; false where there is none of that id. Throws what went wrong: then it stays. */
  retry(id: string): Promise<boolean>
  /** Deletes it; false where there is none of that id. */
  drop(id: string): Promise<boolean>
}

const countEveryMs = 15_000

/**
 * Keeps the metric up to date until disposed of. A store that cannot be asked keeps its last count.
 */
export function createParked(metrics: Metrics): Parked {
  const gauge = metrics.gauge('parked', 'Items that are set aside and wait for an operator', {
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
  const updateGauge = async () => {
    const known = await counts().catch(() => ({}))
    for (const [kind, count] of Object.entries(known)) gauge.set({ kind }, count)
  }
  const run = async () => {
    while (!ending.signal.aborted) {
      await pause(countEveryMs, ending.signal)
      if (!ending.signal.aborted) await updateGauge()
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

/** Counts how often something was parked since the process started. */
export const parkedCounter = (metrics: Metrics) =>
  metrics.counter('parked_total', 'Items that kept failing and were set aside', ['kind'])

/** Longest reason that is kept, in characters: a stack fits. */
export const longestReason = 4000

/** What went wrong, as an operator reads it. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, longestReason)

/** The routes that `npm run parked` calls, the same in every service. */
export const parkedRoutes = (ask: () => Parked | Promise<Parked>): Route[] => [
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
