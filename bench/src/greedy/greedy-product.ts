import { setTimeout as sleep } from 'node:timers/promises'
import { type Conversation, type Invite, newId, type SignedIn } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { type BenchServer, startServer } from '../start-server.ts'
import { copyProfiles, fillUsers } from '../storm/prepare-storm.ts'
import { createCaller, insist, insistOn } from './caller.ts'
import type { Databases } from './footprint.ts'
import type { Account, GreedyEnvironment } from './greedy-kind.ts'
import { forkProgram, type Program } from './greedy-kind.ts'
import type { Lane, QuietPlan, QuietRecord, QuietSample } from './quiet-process.ts'

/**
 * When nobody disturbed the quiet people, in milliseconds since 1970: what they are compared with.
 */
export type Calm = (readonly [from: number, to: number])[]

/** The whole product with its limits as they are, and quiet people who chat there. */
export interface GreedyProduct extends AsyncDisposable {
  server: BenchServer
  databases: Databases
  /** All that was measured of the quiet people so far. */
  samples: QuietSample[]
  calm: Calm
  /** Takes what is new; what failed is told once. */
  takeQuiet(): Promise<Omit<QuietRecord, 'samples'>>
  /** A greedy person of their own address, in a group with all quiet people. */
  newScene(seconds: number): Promise<GreedyEnvironment>
}

export interface GreedyProductOptions {
  /** How many quiet people chat. */
  quietPeople?: number
  /** Undisturbed seconds before it is used: the first warm it up, the others are what is quiet. */
  warmUpSeconds?: number
  /** People whom nobody knows, for kinds that draw strangers in. */
  strangers?: number
  /** Laid over those of a server as people run it. */
  settings?: Record<string, string>
  calmSeconds?: number
}

const quietSendsPerSecond = 20

export async function startProduct({
  quietPeople = 20,
  warmUpSeconds = 6,
  calmSeconds = 15,
  strangers = 1_000,
  settings = {},
}: GreedyProductOptions = {}): Promise<GreedyProduct> {
  await using started = new AsyncDisposableStack()
  const server = started.use(
    await startServer({ pins: false, settings: { RATE_LIMIT_SCALE: '1', ...settings } }),
  )
  const databases = openDatabases(server, started)
  const { url } = server
  const people = await inTurns(quietPeople, (n) => register(url, `quiet${n}`, `127.1.0.${n + 1}`))
  const strangerIds = Array.from({ length: strangers }, () => newId())
  await copyProfiles(databases.messages, strangerIds)
  await fillUsers(databases.users, strangerIds)
  const lanes = await makeLanes(url, people)
  const plan: QuietPlan = { url, people, lanes, perSecond: quietSendsPerSecond }
  const quiet: Program = started.use(forkProgram(new URL('./quiet-process.ts', import.meta.url)))
  await quiet.ask(plan)
  const samples: QuietSample[] = []
  await sleep(warmUpSeconds * 1_000)
  const calm: Calm = []
  await addCalm(calm, calmSeconds)
  let greedyOnes = 0
  const running = started.move()
  return {
    server,
    databases,
    samples,
    calm,
    async takeQuiet() {
      const { samples: fresh, ...rest } = await quiet.ask<QuietRecord>('take')
      samples.push(...fresh)
      return rest
    },
    async newScene(seconds) {
      greedyOnes += 1
      const account = await register(url, `greedy${greedyOnes}`, `127.2.0.${greedyOnes}`)
      const conversationId = await groupOf(url, account, people)
      return { url, account, conversationId, strangerIds, seconds }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Waits, and counts the time as undisturbed. */
export async function addCalm(calm: Calm, seconds: number): Promise<void> {
  if (seconds === 0) return
  const from = Date.now()
  await sleep(seconds * 1_000)
  calm.push([from, Date.now()])
}

function openDatabases(server: BenchServer, started: AsyncDisposableStack): Databases {
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  const open = (url: string) =>
    started.use(openPool({ url, name: 'bench', log, max: 2, statementTimeoutMs: 60_000 }))
  return { users: open(server.usersDatabase), messages: open(server.messagesDatabase) }
}

async function register(url: string, username: string, address: string): Promise<Account> {
  using caller = createCaller({ url, address })
  const body = { username, displayName: username, password: `open sesame for ${username}` }
  const { user, accessToken, refreshToken } = await insistOn<SignedIn>(caller, 'POST /v1/auth/register', {
    body,
  })
  return { id: user.id, token: accessToken, refreshToken, address }
}

/** Everyone talks with a neighbour, and in a group of all. */
async function makeLanes(url: string, people: readonly Account[]): Promise<Lane[]> {
  const lanes: Lane[] = []
  for (let place = 0; place + 1 < people.length; place += 2) {
    const [one, other] = people.slice(place, place + 2)
    if (!one || !other) break
    using caller = createCaller({ url, address: one.address })
    const { id } = await insistOn<Conversation>(caller, 'POST /v1/conversations', {
      token: one.token,
      body: { kind: 'direct', userId: other.id },
    })
    lanes.push({ conversationId: id, members: [place, place + 1] })
  }
  const [founder, ...others] = people
  if (founder) {
    const conversationId = await groupOf(url, founder, others)
    lanes.push({ conversationId, members: people.map((_, place) => place) })
  }
  return lanes
}

/** A group that everyone joins by their own wish. */
async function groupOf(url: string, founder: Account, others: readonly Account[]): Promise<string> {
  using caller = createCaller({ url, address: founder.address })
  const { token } = founder
  const body = { kind: 'group', title: 'All of us', userIds: [] }
  const { id } = await insistOn<Conversation>(caller, 'POST /v1/conversations', { token, body })
  const { code } = await insistOn<Invite>(caller, `POST /v1/conversations/${id}/invites`, { token, body: {} })
  await inTurns(others.length, async (n) => {
    const other = others[n]
    if (!other) return
    using own = createCaller({ url, address: other.address })
    await insist(own, `POST /v1/invites/${code}`, { token: other.token })
  })
  return id
}

/** Makes `count` of them, four at a time, in their order. */
async function inTurns<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const n = next
      next += 1
      made[n] = await make(n)
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return made
}
