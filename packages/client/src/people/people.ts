import { messagesApi, type PublicUser } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { ApiProblem } from '../api/problems.ts'
import type { Replica } from '../replica/replica.ts'
import { retry } from '../retry.ts'
import type { Timing } from '../timing.ts'
import { newerProfile, versionOf } from './newer-profile.ts'

/**
 * The people this device has met. There is one profile of each, the newest heard of, whatever
 * brought it.
 */
export interface People {
  search(query: string): Promise<PublicUser[]>
  get(userId: string): PublicUser | undefined
  lookup(ids: string[]): Promise<PublicUser[]>
  /** Profiles as something brought them, in any order: the newest stays, here and in the store. */
  ingest(users: Iterable<PublicUser>): void
  /**
   * Has people looked up who are shown and unknown, or whose changes nobody tells: those who left.
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

/** Ids of one question. */
const mostAtOnce = 100
/**
 * People who wait for their question; more than a screen shows. Others are asked for when they are
 * shown again.
 */
const mostWaiting = 1000
/** People of whom it is remembered that they need not be asked for. */
const mostSettled = 20_000

export function createPeople(options: PeopleOptions): People {
  const { api, replica, onError } = options
  const { people } = replica.memory

  const take = (users: Iterable<PublicUser>) => {
    const news = new Map<string, PublicUser>()
    for (const user of users) {
      const known = news.get(user.id) ?? people.get(user.id)
      const newest = newerProfile(known, user)
      if (newest !== known) news.set(user.id, newest)
    }
    if (news.size === 0) return
    const stored = replica.changeNow(
      { conversations: new Set(), messages: new Set(), people: new Set(news.keys()) },
      (memory) => {
        for (const [id, user] of news) memory.people.set(id, user)
      },
      (transaction) => transaction.storePeople(news.values()),
    )
    stored.catch(onError)
  }
  /** As it is known by then: what was answered may be older. */
  const taken = (users: readonly PublicUser[]) => {
    take(users)
    return users.map((user) => people.get(user.id) ?? user)
  }
  return {
    async search(query) {
      const trimmed = query.trim()
      if (trimmed === '') return []
      const { items } = await api.searchUsers(trimmed)
      return taken(items)
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
      return taken(found)
    },
    ingest: take,
    meet: createMeet(options, take),
  }
}

/** A server that has not heard of somebody itself says version 0. */
const isKnown = (user: PublicUser) => user.version === undefined || versionOf(user) > 0

function* inHundreds(ids: Iterable<string>): Generator<string[]> {
  const wanted = [...new Set(ids)]
  for (let start = 0; start < wanted.length; start += mostAtOnce)
    yield wanted.slice(start, start + mostAtOnce)
}

/**
 * One question at a time, of all who wait for it, until the server has answered: also after a time
 * without a network.
 */
function createMeet(
  { api, replica, signal, timing, onError }: PeopleOptions,
  take: (found: PublicUser[]) => void,
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
    // All that one screen is about to show goes into the first question.
    await Promise.resolve()
    while (waiting.size > 0 && !signal.aborted) {
      const ids = [...waiting].slice(0, mostAtOnce)
      // What is refused once is refused again: it must not keep the others waiting.
      const found = await retry(() => ask(api, ids), { signal, timing }).catch(() => [])
      for (const id of ids) waiting.delete(id)
      settle(ids)
      take(found ?? [])
    }
  }
  const start = () => {
    if (isAsking || waiting.size === 0) return
    isAsking = true
    const over = () => {
      isAsking = false
      // Somebody may have been shown after it had looked for the last time.
      if (!signal.aborted) start()
    }
    askAll().catch(onError).finally(over)
  }
  return (ids) => {
    const unsettled = [...ids].filter((id) => !settled.has(id) && !waiting.has(id))
    if (unsettled.length === 0) return
    // Of whom a conversation shows, the server tells every change; without a version it is from before it did.
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
 * Those who are or were with me in a conversation, also across a block; the others as anyone finds
 * them.
 */
async function ask(api: PeopleOptions['api'], ids: string[]): Promise<PublicUser[]> {
  const { items } = await api.call(messagesApi.lookupParticipants, { body: { ids } }).catch(emptyIfMissing)
  const found = new Set(items.map(({ id }) => id))
  const others = ids.filter((id) => !found.has(id))
  if (others.length === 0) return items
  const rest = await api.lookupUsers(others)
  return [...items, ...rest.items]
}

/** A server of an earlier version does not know the question. */
function emptyIfMissing(error: unknown): { items: PublicUser[] } {
  if (error instanceof ApiProblem && error.status === 404) return { items: [] }
  throw error
}
