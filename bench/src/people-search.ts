import type { PublicUser } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { describeLatency, type LatencySummary, summarise } from './latencies.ts'
import { fillPeople } from './people-fill.ts'
import type { Person } from './person.ts'
import { call, registerPeople } from './population.ts'
import { reportFigure, reportMachine, reportTitle } from './report.ts'
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

/** Measures the search over 100,000 people, one question after the other, and prints the figures. Answers the exit code: 1 when p95 of the mix misses the bar. */
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
