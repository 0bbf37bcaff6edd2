import type { Conversation, PublicUser } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { Change, Database } from '../store/store.ts'

/** The people this device has met, as last heard of. */
export interface People {
  search(query: string): Promise<PublicUser[]>
  get(userId: string): PublicUser | undefined
  /** Only when heard of since the start: newer than what a stored conversation says. */
  recent(userId: string): PublicUser | undefined
  lookup(ids: string[]): Promise<PublicUser[]>
  /** Someone's profile, as the server tells it now. */
  note(user: PublicUser): void
  /** Profiles that came along with something else: taken where nothing newer is known. */
  offer(users: Iterable<PublicUser>): void
  offerFrom(conversation: Conversation): void
}

export interface PeopleOptions {
  api: Api
  database: Database
  me: PublicUser
  publish: () => void
  onError: (error: unknown) => void
}

const mostAtOnce = 100

export async function openPeople({ api, database, me, publish, onError }: PeopleOptions): Promise<People> {
  const stored = await database.range('users')
  const known = new Map(stored.map((user) => [user.id, user]))
  const recent = new Map([[me.id, me]])

  const remember = (users: readonly PublicUser[]) => {
    if (users.length === 0) return
    const changes = users.map((value): Change => ({ op: 'put', table: 'users', key: value.id, value }))
    for (const user of users) recent.set(user.id, user)
    database.write(changes).catch(onError)
    publish()
  }
  const offer = (users: Iterable<PublicUser>) => {
    for (const user of users) known.set(user.id, user)
  }
  return {
    async search(query) {
      const trimmed = query.trim()
      if (trimmed === '') return []
      const { items } = await api.searchUsers(trimmed)
      remember(items)
      return items
    },
    get: (userId) => recent.get(userId) ?? known.get(userId),
    recent: (userId) => recent.get(userId),
    async lookup(ids) {
      const found: PublicUser[] = []
      const wanted = [...new Set(ids)]
      for (let start = 0; start < wanted.length; start += mostAtOnce) {
        const { items } = await api.lookupUsers(wanted.slice(start, start + mostAtOnce))
        found.push(...items)
      }
      remember(found)
      return found
    },
    note: (user) => remember([user]),
    offer,
    offerFrom: ({ participants }) => offer(participants.map(({ user }) => user)),
  }
}
