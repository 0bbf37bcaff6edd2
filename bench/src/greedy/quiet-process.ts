import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId, type SignedIn } from '@finnigram/contracts'
import { messageText } from '../frames.ts'
import { openSocket, type PersonSocket } from '../people.ts'
import { openLink } from '../storm/device-link.ts'
import { createCaller, insistOn } from './caller.ts'
import type { Account } from './greedy-kind.ts'

/**
 * The quiet people, in a process of their own so that nothing keeps its clock waiting. Speaks by
 * IPC.
 */
export interface QuietPlan {
  url: string
  people: Account[]
  lanes: Lane[]
  /** Sends a second of all of them; half as many reads, and a tenth as many new sockets. */
  perSecond: number
}

/** A conversation; members by their place among the people. */
export interface Lane {
  conversationId: string
  members: number[]
}

export interface QuietSample {
  kind: 'send' | 'arrival' | 'read' | 'join'
  /** When it was due, in milliseconds since 1970. */
  dueAt: number
  /**
   * From then until it was acknowledged, arrived, was answered, or was connected, in milliseconds.
   */
  latencyMs: number
}

/** What came of everything since it was last taken. */
export interface QuietRecord {
  samples: QuietSample[]
  /** Sends, reads and sockets that were refused or not answered, by what was said. */
  failures: string[]
  /** Sockets that ended. */
  lost: number
  /** Messages that were acknowledged and have not reached everyone after ten seconds. */
  missing: number
}

const patienceMs = 10_000
/** An access token is good for a quarter of an hour. */
const refreshEveryMs = 5 * 60_000

const now = () => performance.timeOrigin + performance.now()
const [plan] = (await once(process, 'message')) as [QuietPlan]
const newRecord = (): QuietRecord => ({ samples: [], failures: [], lost: 0, missing: 0 })
let record = newRecord()
/** Of each message on its way: when it was due, and who has not got it. */
const underWay = new Map<number, { dueAt: number; waiting: Set<number> }>()

const people = plan.people.map((account) => ({
  account,
  caller: createCaller({ url: plan.url, address: account.address }),
  socket: undefined as PersonSocket | undefined,
}))
type QuietPerson = (typeof people)[number]

/** Stays connected, as a device does. */
async function connect(person: QuietPerson, place: number): Promise<void> {
  const { id, token, address } = person.account
  const arrive = (numbers: number[], at: number) => {
    for (const number of numbers) noteArrival(number, place, performance.timeOrigin + at)
  }
  const again = () => {
    if (person.socket) record.lost += 1
    person.socket = undefined
    setTimeout(() => void connect(person, place), 500)
  }
  person.socket = await openSocket({ id, token, address, url: plan.url }, arrive, again).catch(
    () => undefined,
  )
}

function noteArrival(number: number, place: number, at: number): void {
  const message = underWay.get(number)
  if (!message?.waiting.delete(place)) return
  record.samples.push({ kind: 'arrival', dueAt: message.dueAt, latencyMs: at - message.dueAt })
  if (message.waiting.size === 0) underWay.delete(number)
}

async function send(number: number, lane: Lane, dueAt: number): Promise<void> {
  const place = lane.members[Math.floor(number / plan.lanes.length) % lane.members.length] ?? 0
  const body = { conversationId: lane.conversationId, id: newId(), text: messageText(number) }
  underWay.set(number, { dueAt, waiting: new Set(lane.members) })
  const sent = people[place]?.socket?.emit('send', body) ?? false
  const isTaken = await Promise.race([sent, sleep(patienceMs, 'late' as const)])
  if (isTaken !== true) {
    underWay.delete(number)
    record.failures.push(isTaken === 'late' ? 'a send was not answered' : 'a send was refused')
    return
  }
  record.samples.push({ kind: 'send', dueAt, latencyMs: now() - dueAt })
  await sleep(patienceMs)
  if (underWay.delete(number)) record.missing += 1
}

async function read(number: number, lane: Lane, dueAt: number): Promise<void> {
  const person = people[lane.members[number % lane.members.length] ?? 0]
  const path = `/v1/conversations/${lane.conversationId}/messages?limit=50`
  try {
    const token = person?.account.token ?? ''
    const answer = await person?.caller.ask(`GET ${path}`, { token, patienceMs })
    if (answer?.status !== 200) throw new Error(`a read was answered ${answer?.status}`)
    record.samples.push({ kind: 'read', dueAt, latencyMs: now() - dueAt })
  } catch (error) {
    record.failures.push(error instanceof Error ? error.message : String(error))
  }
}

/** Another device of someone comes, as often as it takes, and goes again. */
async function join(number: number, dueAt: number): Promise<void> {
  const account = people[number % people.length]?.account
  if (!account) return
  for (let tries = 1; ; tries += 1) {
    const { token, address } = account
    const link = openLink({ url: plan.url, token, address, onFrame: () => {} })
    const end = await Promise.race([link.ready, link.ended])
    link.close()
    if (!end) break
    const restMs = end.retryAfterMs ?? 1_000
    if (now() + restMs - dueAt > patienceMs) {
      const seconds = Math.round((now() + restMs - dueAt) / 1_000)
      record.failures.push(`a new socket was told to come ${seconds} s later, try ${tries}`)
      return
    }
    await sleep(restMs)
  }
  record.samples.push({ kind: 'join', dueAt, latencyMs: now() - dueAt })
}

async function refresh({ account, caller, socket }: QuietPerson): Promise<void> {
  const body = { refreshToken: account.refreshToken }
  const { accessToken, refreshToken } = await insistOn<SignedIn>(caller, 'POST /v1/auth/refresh', { body })
  Object.assign(account, { token: accessToken, refreshToken })
  await socket?.emit('authorise', { token: accessToken })
}

/** On a fixed schedule that no slow answer delays (open loop). */
async function chat(): Promise<never> {
  const startedAt = now()
  for (let number = 0; ; await sleep(1)) {
    for (; ; number += 1) {
      const dueAt = startedAt + (number * 1_000) / plan.perSecond
      const lane = plan.lanes[number % plan.lanes.length]
      if (dueAt > now() || !lane) break
      void send(number, lane, dueAt)
      if (number % 2 === 0) void read(number, lane, dueAt)
      if (number % 10 === 0) void join(number / 10, dueAt)
    }
  }
}

process.on('disconnect', () => process.exit(0))
for (const [place, person] of people.entries()) await connect(person, place)
setInterval(() => {
  for (const person of people) void refresh(person).catch((error) => record.failures.push(String(error)))
}, refreshEveryMs)
process.on('message', () => {
  process.send?.(record)
  record = newRecord()
})
process.send?.('ready')
await chat()
