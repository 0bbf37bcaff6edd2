import type { PublicUser } from '@finnigram/contracts'
import { newId } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { searchWords } from '@finnigram/users/search-words'
import type { Person } from './people.ts'
import { call, registerPeople } from './people.ts'
import { namePerson, seededNumbers } from './people-names.ts'
import {
  describeLatency,
  type LatencySummary,
  reportFigure,
  reportMachine,
  reportTitle,
  summarise,
} from './report.ts'
import { startServer } from './start-server.ts'

const howMany = 100_000
const rounds = 20
/** The bar of the whole mix, in milliseconds at p95. */
const bar = 30

/** What people type while they look for somebody, by kind. */
const typed: Readonly<Record<string, string[]>> = {
  'one letter': ['a', 'm', 's', 'и', 'м', 'z', 'é', '7'],
  'common prefix': ['an', 'mar', 'joh', 'smi', 'gar', 'ива', 'пет', 'tho'],
  'whole common name': ['maria', 'john', 'anna', 'garcía', 'иван', 'smith', 'nguyen', 'ivan'],
  'two words': ['anna smi', 'john s', 'jose garcia', 'мария п', 'm s', 'a b', 'maria gon', 'ben coo'],
  typo: ['jonh', 'micheal', 'jenifer', 'rodrigez', 'tompson', 'иваноф', 'kowalsky', 'willams', 'mria'],
  'two words, both misspelt': ['jonh smiht', 'micheal jonson', 'elizbeth tayler', 'antonoi garica'],
  CJK: ['王', '李', '秀英', '太郎', '田中', '欧阳', '김', '민준', 'さくら', '陈明'],
  'other scripts': ['محمد', 'अमित', 'شر', 'рах', 'пушк', 'şahin', 'thảo', 'yilmaz'],
  nobody: ['qqxqq', 'zzzyxw', 'hidden@example.org', '🎉', 'qwertyuiop', '龘靐'],
}

/**
 * Measures the search over 100,000 people, one question after the other, and prints the figures.
 * Answers the exit code: 1 when p95 of the mix misses the bar.
 */
export async function measurePeopleSearch(): Promise<number> {
  await using server = await startServer()
  reportMachine(server.pinned)
  const [asker] = await registerPeople(server.url, 'asker', 1)
  if (!asker) throw new Error('Nobody asks')
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  await using pool = openPool({ url: server.usersDatabase, name: 'bench', log, statementTimeoutMs: 600_000 })
  await fillPeople(pool, howMany)

  reportTitle(`People search over ${howMany} people, ${rounds} rounds`)
  const all: number[] = []
  for (const [kind, queries] of Object.entries(typed)) {
    const samples = await ask(asker, queries)
    all.push(...samples)
    reportFigure(kind, describeLatency(summarise(samples)))
  }
  const second = await askSecondPages(asker)
  reportFigure('second page', describeLatency(summarise(second)))
  const mix: LatencySummary = summarise([...all, ...second])
  reportFigure('all', describeLatency(mix))
  return mix.p95 <= bar ? 0 : 1
}

interface Page {
  items: PublicUser[]
  nextCursor: string | null
}

const search = (asker: Person, query: string, cursor = '') =>
  call<Page>(
    asker.url,
    `/v1/users?query=${encodeURIComponent(query)}&limit=20${cursor && `&cursor=${cursor}`}`,
    {
      token: asker.token,
    },
  )

async function ask(asker: Person, queries: readonly string[]): Promise<number[]> {
  const samples: number[] = []
  for (const query of queries) await search(asker, query)
  for (let round = 0; round < rounds; round += 1) {
    for (const query of queries) samples.push(await timed(() => search(asker, query)))
  }
  return samples
}

async function askSecondPages(asker: Person): Promise<number[]> {
  const samples: number[] = []
  for (const query of Object.values(typed).flat()) {
    const { nextCursor } = await search(asker, query)
    if (nextCursor !== null) samples.push(await timed(() => search(asker, query, nextCursor)))
  }
  return samples
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const atOnce = 1000

/**
 * Writes `count` people straight into the database of the users service, as the service itself
 * would write them, and gathers statistics as autovacuum would.
 */
async function fillPeople(pool: ReturnType<typeof openPool>, count: number): Promise<void> {
  const pick = seededNumbers(7)
  for (let start = 0; start < count; start += atOnce) {
    const people = Array.from({ length: atOnce }, (_, i) => namePerson(start + i, pick))
    // An array of arrays would have to be rectangular, so that each person's words travel as JSON.
    await pool.query(
      `INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
SELECT id, username, display_name, '', '{}',
  array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(words::jsonb)))
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, username, display_name, words)`,
      [
        people.map(() => newId()),
        people.map(({ username }) => username),
        people.map(({ displayName }) => displayName),
        people.map((person) => JSON.stringify(searchWords(person))),
      ],
    )
  }
  await pool.query('VACUUM ANALYZE users')
}
