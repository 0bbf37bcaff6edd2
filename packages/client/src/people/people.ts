import { messagesApi, type PublicUser } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { ApiProblem } from '../api/problems.ts'
import type { Replica } from '../replica/replica.ts'
import { retry } from '../retry.ts'
import type { Timing } from '../timing.ts'
import { newerProfile, versionOf } from './newer-profile.ts'

/** Profiles of people. There is one of each person, the newest known, whatever brought it. */
export interface People {
  search(query: string): Promise<PublicUser[]>
  get(userId: string): PublicUser | undefined
  lookup(ids: string[]): Promise<PublicUser[]>
  /** Profiles from any source, in any order: the newest stays, in memory and in the store. */
  ingest(users: Iterable<PublicUser>): void
  /**
   * Looks up people who are shown and unknown, or whose changes no event tells because they left.
   */
  meet(ids: Iterable<string>): void
}

export interface PeopleOptions {
  api: Pick<Api, 'call' | 'searchUsers' | 'lookupUsers'>
  replica: Replica
  signal: AbortSignal
  timing: Pick<Timing, 'retryBaseMs' | 'retryMaxMs'>
  onError: (error: unknown) => void
}

/** Ids in one request. */
const mostAtOnce = 100
/**
 * Ids that wait for a request; more than a screen shows. Others are looked up when they are shown
 * again.
 */
const mostWaiting = 1000
/** People who are known to need no request. */
const mostSettled = 20_000

export function createPeople(options: PeopleOptions): People {
  const { api, replica, onError } = options
  const { people } = replica.memory

  const ingest = (users: Iterable<PublicUser>) => {
    const newer = new Map<string, PublicUser>()
    for (const user of users) {
      const known = newer.get(user.id) ?? people.get(user.id)
      const newest = newerProfile(known, user)
      if (newest !== known) newer.set(user.id, newest)
    }
    if (newer.size === 0) return
    const stored = replica.changeNow(
      { conversations: new Set(), messages: new Set(), people: new Set(newer.keys()) },
      (memory) => {
        for (const [id, user] of newer) memory.people.set(id, user)
      },
      (transaction) => transaction.storePeople(newer.values()),
    )
    stored.catch(onError)
  }
  /** The newest known profiles: what was answered may be older. */
  const ingestAll = (users: readonly PublicUser[]) => {
    ingest(users)
    return users.map((user) => people.get(user.id) ?? user)
  }
  return {
    async search(query) {
      const trimmed = query.trim()
      if (trimmed === '') return []
      const { items } = await api.searchUsers(trimmed)
      return ingestAll(items)
    },
    get(userId) {
      const known = people.get(userId)
      return known && isKnown(known) ? known : undefined
    },
    async lookup(ids) {
      const found: PublicUser[] = []
      for (const some of inHundreds(ids)) {
        const { items } = await api.lookupUsers(some)
        found.push(...items)
      }
      return ingestAll(found)
    },
    ingest,
    meet: createMeet(options, ingest),
  }
}

/** Version 0: the server does not know the person itself. */
const isKnown = (user: PublicUser) => user.version === undefined || versionOf(user) > 0

function* inHundreds(ids: Iterable<string>): Generator<string[]> {
  const wanted = [...new Set(ids)]
  for (let start = 0; start < wanted.length; start += mostAtOnce)
    yield wanted.slice(start, start + mostAtOnce)
}

/** One request at a time, with all ids that wait for it, until the server has answered. */
function createMeet(
  { api, replica, signal, timing, onError }: PeopleOptions,
  ingest: (found: PublicUser[]) => void,
): People['meet'] {
  const { people, conversations } = replica.memory
  const waiting = new Set<string>()
  const settled = new Set<string>()
  let isAsking = false

  const settle = (ids: Iterable<string>) => {
    if (settled.size > mostSettled) settled.clear()
    for (const id of ids) settled.add(id)
  }
  const askAll = async () => {
    // Everybody on one screen goes into the first request.
    await Promise.resolve()
    while (waiting.size > 0 && !signal.aborted) {
      const ids = [...waiting].slice(0, mostAtOnce)
      // A refused request would be refused again, and must not hold up the others.
      const found = await retry(() => ask(api, ids), { signal, timing }).catch(() => [])
      for (const id of ids) waiting.delete(id)
      settle(ids)
      ingest(found ?? [])
    }
  }
  const start = () => {
    if (isAsking || waiting.size === 0) return
    isAsking = true
    const over = () => {
      isAsking = false
      // More ids may have come after the last look.
      if (!signal.aborted) start()
    }
    askAll().catch(onError).finally(over)
  }
  return (ids) => {
    const unsettled = [...ids].filter((id) => !settled.has(id) && !waiting.has(id))
    if (unsettled.length === 0) return
    // Participants of known conversations are updated by events. Without a version, a profile is
    // older than that.
    const listed = listedOf(conversations.values(), unsettled)
    const isKept = (id: string) => listed.has(id) && versionOf(people.get(id)) > 0
    settle(unsettled.filter(isKept))
    for (const id of unsettled) if (!settled.has(id) && waiting.size < mostWaiting) waiting.add(id)
    start()
  }
}

function listedOf(
  stored: Iterable<{ conversation: { participants: readonly { userId: string }[] } }>,
  ids: readonly string[],
): ReadonlySet<string> {
  const wanted = new Set(ids)
  const listed = new Set<string>()
  for (const { conversation } of stored) {
    for (const { userId } of conversation.participants) if (wanted.has(userId)) listed.add(userId)
  }
  return listed
}

/**
 * Looks up those who share or shared a conversation with me, also across a block; then the others.
 */
async function ask(api: PeopleOptions['api'], ids: string[]): Promise<PublicUser[]> {
  const { items } = await api.call(messagesApi.lookupParticipants, { body: { ids } }).catch(emptyIfMissing)
  const found = new Set(items.map(({ id }) => id))
  const others = ids.filter((id) => !found.has(id))
  if (others.length === 0) return items
  const rest = await api.lookupUsers(others)
  return [...items, ...rest.items]
}

/** An earlier version of the server does not know the route. */
function emptyIfMissing(error: unknown): { items: PublicUser[] } {
  if (error instanceof ApiProblem && error.status === 404) return { items: [] }
  throw error
}
