import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger, openPool } from '@finnigram/service-kit'
import { type Archive, type Database, fillArchive, foreign, type Reader } from './archive-fill.ts'
import type { ArchiveSize } from './archive-plan.ts'
import type { Person } from './people.ts'
import { call, registerPeople, signInAgain } from './people.ts'
import { seededRandom } from './random.ts'
import type { LatencySummary } from './report.ts'
import { reportFigure, reportMachine, reportTitle, summarise } from './report.ts'
import { measureSearch } from './search-archive.ts'
import { startServer } from './start-server.ts'

const size: ArchiveSize = { messages: 1_000_000, conversations: 5000 }
export interface ArchiveOptions {
  search: boolean
  history: boolean
  /** Messages to fill it with, where not a million. */
  messages: number | undefined
}

/**
 * Measures the reading of a large archive through the running product. Answers the exit code: 1
 * when a bar is missed.
 */
export async function measureArchive({ search, history, messages }: ArchiveOptions): Promise<number> {
  await using server = await startServer()
  reportMachine(server.pinned)
  const [one, many, all] = await registerPeople(server.url, 'reader', 3)
  if (!one || !many || !all) throw new Error('Nobody reads')
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  await using pool = openPool({
    url: server.messagesDatabase,
    name: 'bench',
    log,
    statementTimeoutMs: 600_000,
  })

  const filled = { ...size, messages: messages ?? size.messages }
  reportTitle(`An archive of ${filled.messages} messages in ${filled.conversations} conversations`)
  const archive = await fill(pool, filled, { one, many, all })
  await untilIndexed(pool)
  // It may have taken longer than a token lasts.
  for (const [i, reader] of [archive.one, archive.many, archive.all].entries()) {
    reader.person = await signInAgain(reader.person, 'reader', i)
  }
  const isHistoryFine = !history || (await measureHistory(archive))
  const isSearchFine = !search || (await measureSearch(archive, pool))
  return isHistoryFine && isSearchFine ? 0 : 1
}

/** Fills the archive and says who reads how much of it. */
async function fill(
  db: Database,
  filled: ArchiveSize,
  people: Record<keyof Archive, Person>,
): Promise<Archive> {
  const archive: Archive = {
    one: { person: people.one, conversations: [] },
    many: { person: people.many, conversations: [] },
    all: { person: people.all, conversations: [] },
  }
  const startedAt = performance.now()
  await fillArchive(db, filled, (conversation, i) => {
    const isFamiliar =
      conversation.topic !== foreign.topic && !foreign.languages.includes(conversation.language)
    const readers = [archive.all]
    if (i === 0) readers.push(archive.one)
    if (i % 7 === 0 && isFamiliar && archive.many.conversations.length < 500) readers.push(archive.many)
    for (const reader of readers) reader.conversations.push(conversation)
    return readers.map(({ person }) => person.id)
  })
  reportFigure('filled in', `${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  for (const [name, reader] of Object.entries(archive) as [string, Reader][]) {
    const count = reader.conversations.reduce((sum, conversation) => sum + conversation.count, 0)
    reportFigure(`reader of ${name}`, `${reader.conversations.length} conversations, ${count} messages`)
  }
  return archive
}

/** Search learns of everything in the background, and would be measured with it. */
async function untilIndexed(db: Database): Promise<void> {
  const startedAt = performance.now()
  while ((await db.query('SELECT FROM search_queue LIMIT 1')).rows.length > 0) await sleep(200)
  const isOpen = `SELECT FROM search_blocks WHERE grams IS NULL AND newest_at < now() - interval '10 minutes' LIMIT 1`
  while ((await db.query(isOpen)).rows.length > 0) await sleep(200)
  reportFigure('made findable in', `${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  await db.query('ANALYZE search_blocks')
}

/**
 * Of every kind, in each of three rounds: one moment of a shared machine is in one of them only.
 */
const samples = 1000
const rounds = 3
/** Milliseconds; of the median round. */
const bars = { p50: 1.5, p99: 10 }
/** Pages read before anything is counted: the servers have just started. */
const warmUp = 1500

/** Measures history pages of 50, one after the other; whether the bars are reached. */
async function measureHistory(archive: Archive): Promise<boolean> {
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
