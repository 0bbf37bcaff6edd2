import type { Database } from './archive-fill.ts'
import { type Archive, foreign, type Reader } from './archive-fill.ts'
import { rareWord, topicWord } from './archive-plan.ts'
import { call } from './people.ts'
import { describeLatency, reportFigure, reportTitle, summarise } from './report.ts'

const rounds = 5
/** Milliseconds at p99, of every kind. */
const bar = 100

interface Page {
  items: unknown[]
  nextCursor: string | null
}

/** What is typed, by kind, as the rest of the query string. */
const questions: Readonly<Record<string, string[]>> = {
  'very common words': ['the', 'and', 'you', 'is', 'to', 'die', 'und', 'pas', 'for'],
  'common, other forms': ['knowing', 'seen', 'timing', 'liking', 'werdend', 'feras'],
  'two common words': ['the you', 'and that', 'time know', 'die nicht', 'get like'],
  'rare words': Array.from({ length: 20 }, (_, i) => rareWord(i * 37)),
  'common for others only': [
    'hasta',
    'también',
    'который',
    'сказать',
    'años',
    topicWord(foreign.topic),
    'desde muy',
  ],
  'word of a topic': [3, 8, 12].map(topicWord),
  'nowhere at all': ['qqxqq', 'wurzelbrunft', '龘靐', 'zzzz', '"the zebra crossing"'],
  'inside of words': ['ringfo', 'montst', 'ntvil', 'onabl', 'berglan', 'schalr', 'kum3'],
  'three letters': ['ord', 'ick', 'nes', 'xyz', 'hal', 'ütz'],
  'one or two letters': ['a', 'k', 'ж', 'zu', 'q', 'ö', 'xx'],
  CJK: ['的', '时间', '大学', '东京', '東京', '日本', '我国', '电话', '来了不'],
  'files and links': ['report_42_final', 'final.pdf', 'example.com/2b', 'https', 'page=13', 'report 77'],
  'a phrase': ['"of the"', '"in is that"', '"one if do"', '"die der und in"'],
  'filter: who': ['the&from=$someone', 'time&from=$someone', 'nicht&from=$someone', 'the&from=$nobody'],
  'filter: has': ['the&has=link', 'know&has=attachment', 'und&has=link', 'qqxqq&has=attachment'],
  'filter: when': ['the&before=$old', 'the&after=$old', 'know&before=$old', `${rareWord(77)}&after=$old`],
  'filter: conversation': [
    'the&conversationId=$chat',
    'know&conversationId=$chat',
    'qqxqq&conversationId=$chat',
  ],
}

/**
 * Measures the search, one question after the other; whether p99 of every kind reaches the bar for
 * people in one and in many conversations.
 */
export async function measureSearch(archive: Archive, db: Database): Promise<boolean> {
  await reportDisk(db)
  let isFine = true
  for (const [name, reader] of Object.entries(archive) as [keyof Archive, Reader][]) {
    reportTitle(`Search by somebody in ${reader.conversations.length} conversations, ${rounds} rounds`)
    const mix: number[] = []
    for (const [kind, queries] of Object.entries(questions)) {
      const { latencies, found } = await ask(reader, queries)
      const summary = summarise(latencies)
      reportFigure(kind, `${describeLatency(summary)} · ${found} found`)
      mix.push(...latencies)
      isFine &&= name === 'all' || summary.p99 <= bar
    }
    const deep = await askDeep(reader, 'the')
    if (deep.length > 0) reportFigure('the next 20 pages', describeLatency(summarise(deep)))
    reportFigure('all', describeLatency(summarise(mix)))
  }
  return isFine
}

async function reportDisk(db: Database): Promise<void> {
  const { rows } = await db.query(`SELECT name, pg_size_pretty(bytes) AS size,
  round(bytes / (SELECT sum(count) FROM (SELECT last_seq AS count FROM conversations) c)) AS each
FROM (VALUES ('messages', pg_total_relation_size('messages')), ('search, all', pg_total_relation_size('search_blocks')),
  ('search, grams index', pg_relation_size('search_blocks_grams'))) AS t (name, bytes)`)
  for (const row of rows as { name: string; size: string; each: string }[]) {
    reportFigure(row.name, `${row.size}, ${row.each} bytes a message`)
  }
}

async function ask(
  reader: Reader,
  queries: readonly string[],
): Promise<{ latencies: number[]; found: number }> {
  const asked = queries.map((query) => fillIn(query, reader))
  const latencies: number[] = []
  let found = 0
  for (let round = 0; round <= rounds; round += 1) {
    for (const query of asked) {
      const startedAt = performance.now()
      const { items } = await search(reader, query)
      if (round > 0) latencies.push(performance.now() - startedAt)
      else found += items.length
    }
  }
  return { latencies, found }
}

const search = ({ person }: Reader, query: string) =>
  call<Page>(person.url, `/v1/search/messages?q=${query}`, { token: person.token })

function fillIn(query: string, { person, conversations }: Reader): string {
  const [typed = '', ...filters] = query.split('&')
  const places: Record<string, string> = {
    $someone: conversations[0]?.people.at(-1) ?? '',
    $nobody: person.id,
    $chat: conversations[0]?.id ?? '',
    $old: new Date(Date.now() - 400 * 24 * 3600 * 1000).toISOString(),
  }
  return [encodeURIComponent(typed), ...filters].join('&').replace(/\$\w+/g, (name) => places[name] ?? '')
}

async function askDeep(reader: Reader, query: string): Promise<number[]> {
  const latencies: number[] = []
  let { nextCursor } = await search(reader, query)
  for (let page = 0; page < 20 && nextCursor !== null; page += 1) {
    const startedAt = performance.now()
    const next = await search(reader, `${query}&cursor=${nextCursor}`)
    latencies.push(performance.now() - startedAt)
    nextCursor = next.nextCursor
  }
  return latencies
}
