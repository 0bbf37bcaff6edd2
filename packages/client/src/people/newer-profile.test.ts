import type { PublicUser, SyncReply } from '@finnigram/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeConversation, me } from '../../tests/make-message.ts'
import { createMemoryStore } from '../replica/memory-store.ts'
import { openReplica, type Replica } from '../replica/replica.ts'
import { ingestSync } from '../sync/ingest.ts'
import { ingestConversation } from '../sync/ingest-conversation.ts'
import { usualTiming } from '../timing.ts'
import { newerProfile } from './newer-profile.ts'
import { createPeople } from './people.ts'

const id = '01900000-0000-7000-8000-000000000001'
const createdAt = '2026-01-01T00:00:00.000Z'

/** What the server knew of a person at each version; the last is the end of the account. */
const profileAt = (version: number): PublicUser => ({
  id,
  username: `name.${version}`,
  displayName: `Name ${version}`,
  bio: `About ${version}`,
  avatarUrl: null,
  createdAt,
  lastSeenAt: null,
  version,
})
const ended: PublicUser = { ...profileAt(0), displayName: 'Deleted account', bio: '', deleted: true }

/**
 * A profile as one of the places tells it: across a block, with the last time they were seen, of an
 * old server.
 */
const told = fc.record({
  version: fc.integer({ min: 1, max: 5 }),
  isBlocked: fc.boolean(),
  lastSeenAt: fc.option(fc.integer({ min: 1, max: 9 }).map((day) => `2026-01-0${day}T00:00:00.000Z`)),
})
const profile = fc.oneof(
  { weight: 1, arbitrary: fc.constant(ended) },
  {
    weight: 9,
    arbitrary: told.map(({ version, isBlocked, lastSeenAt }) => ({
      ...profileAt(version),
      lastSeenAt,
      ...(isBlocked ? { bio: '' } : {}),
    })),
  },
)

/** How a profile comes to a device, and what may happen between two. */
const step = fc.record({
  way: fc.constantFrom('answer' as const, 'sync' as const, 'conversation' as const, 'restart' as const),
  user: profile,
})

const emptyReply: SyncReply = {
  conversations: [],
  events: {},
  reset: [],
  removed: [],
  markers: [],
  me: [],
  cursor: 'c',
  more: false,
}

async function openDevice() {
  const store = createMemoryStore()
  const onError = (error: unknown) => expect.unreachable(String(error))
  const unasked = () => expect.unreachable()
  const api = { call: unasked, searchUsers: unasked, lookupUsers: unasked }
  const signal = new AbortController().signal
  const open = async () => openReplica({ me, database: await store.open(me), onError })
  let replica: Replica = await open()
  let version = 0
  return {
    shown: () => replica.memory.people.get(id),
    async take(way: 'answer' | 'sync' | 'conversation' | 'restart', user: PublicUser) {
      if (way === 'restart') replica = await open()
      else if (way === 'answer')
        createPeople({ api, replica, signal, timing: usualTiming, onError }).ingest([user])
      else if (way === 'sync') await take({ ...emptyReply, users: [user] })
      else {
        version += 1
        const participant = { userId: id, role: 'member' as const, joinedAt: createdAt, user }
        const place = { ...participant, lastReadSeq: 0, lastDeliveredSeq: 0 }
        const fresh = { ...makeConversation(1), version, participants: [place] }
        await replica.transact((tx) => ingestConversation(tx, { fresh, me, reset: true }))
      }
      // What is written behind is stored by the end of the next transaction.
      await replica.transact(() => undefined)
    },
  }
  function take(reply: SyncReply) {
    return replica.transact((tx) => ingestSync(tx, { reply, asked: {}, cursor: 'c', me }))
  }
}

const best = (users: readonly PublicUser[]): PublicUser | undefined =>
  users.find(({ deleted }) => deleted) ??
  users.reduce<PublicUser | undefined>(
    (found, user) => ((user.version ?? 0) > (found?.version ?? 0) ? user : found),
    undefined,
  )

test('the highest version is shown whichever way profiles come, in any order, across restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const device = await openDevice()
      const heard: PublicUser[] = []
      for (const { way, user } of steps) {
        await device.take(way, user)
        if (way !== 'restart') heard.push(user)
        const { displayName, username, deleted } = best(heard) ?? {}
        expect(device.shown() ?? {}).toMatchObject({
          ...(displayName === undefined ? {} : { displayName, username }),
          ...(deleted === undefined ? {} : { deleted }),
        })
      }
    }),
    { numRuns: 150 },
  )
})

test('the same profiles in another order make the same one', () => {
  const merge = (users: readonly PublicUser[]) =>
    users.reduce<PublicUser | undefined>((known, user) => newerProfile(known, user), undefined)
  fc.assert(
    fc.property(
      fc.array(profile, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (users, keys) => {
        const shuffled = users.toSorted(
          (a, b) => (keys[users.indexOf(a)] ?? 0) - (keys[users.indexOf(b)] ?? 0),
        )
        expect(merge(shuffled)).toEqual(merge(users))
      },
    ),
  )
})

test('from a server without versions the last profile counts, and versions win over none', () => {
  const { version: _, ...unversioned } = profileAt(1)
  const renamed = { ...unversioned, displayName: 'Renamed', bio: '' }
  expect(newerProfile(unversioned, renamed)).toEqual(renamed)
  expect(newerProfile(renamed, profileAt(1))).toEqual(profileAt(1))
  expect(newerProfile(profileAt(1), renamed)).toEqual(profileAt(1))
  expect(newerProfile(ended, profileAt(9))).toBe(ended)
})
