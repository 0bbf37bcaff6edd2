import type { PublicUser } from '@finnigram/contracts'
import { type Unsent, unsentRange } from '../messages/unsent.ts'
import { newerProfile } from '../people/newer-profile.ts'
import { emptyMemory, type Memory } from './memory.ts'
import type { Database } from './store.ts'
import type { StoredConversation } from './stored-conversation.ts'

export const cursorKey = 'cursor'

const supersededPrefix = 'superseded/'
export const supersededKey = (conversationId: string): string => `${supersededPrefix}${conversationId}`
const supersededRange = { from: supersededPrefix, to: `${supersededPrefix}~` }

/**
 * A row of `meta`: a table of its own would keep the previous version from opening the database.
 */
export interface Superseded {
  conversationId: string
  texts: readonly string[]
}

/** Reads what an earlier run left on this device. */
export async function loadMemory(database: Database): Promise<Memory> {
  const [conversations, users, outbox, drafts, superseded, unsent, reads, cursor] = await Promise.all([
    database.range('conversations'),
    database.range('users'),
    database.range('outbox'),
    database.range('drafts'),
    database.range('meta', supersededRange) as Promise<Superseded[]>,
    database.range('meta', unsentRange) as Promise<Unsent[]>,
    database.range('reads'),
    database.get('meta', cursorKey),
  ])
  return {
    ...emptyMemory(),
    conversations: new Map(conversations.map((stored) => [stored.conversation.id, stored])),
    people: toPeople(conversations, users),
    outbox: new Map(outbox.map((entry) => [entry.id, entry])),
    drafts: new Map(drafts.map(({ conversationId, ...draft }) => [conversationId, draft])),
    superseded: new Map(superseded.map(({ conversationId, texts }) => [conversationId, texts])),
    unsent,
    reads: new Map(reads.map(({ conversationId, seq }) => [conversationId, seq])),
    cursor: typeof cursor === 'string' ? cursor : undefined,
  }
}

/**
 * What a conversation says of its people is as old as the conversation: where that is no newer, the
 * stored profile counts.
 */
function toPeople(conversations: StoredConversation[], users: PublicUser[]): Map<string, PublicUser> {
  const people = new Map<string, PublicUser>()
  for (const { conversation } of conversations) {
    for (const { user } of conversation.participants)
      people.set(user.id, newerProfile(people.get(user.id), user))
  }
  for (const user of users) people.set(user.id, newerProfile(people.get(user.id), user))
  return people
}
