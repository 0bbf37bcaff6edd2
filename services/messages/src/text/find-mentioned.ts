import type { Queryable } from '../deps.ts'
import { everyone } from '../history/everyone.ts'

/** A text that may name people. */
export interface Naming {
  conversationId: string
  senderId: string
  usernames: readonly string[]
}

/** Whom a text names. */
export interface Mentioned {
  mentions: string[]
  mentionsAll: boolean
  /** Whose count of unread mentions it adds to, as `mentions.user_id` holds it. */
  told: string[]
}

export const nobody: Mentioned = { mentions: [], mentionsAll: false, told: [] }

const selectPeople = `SELECT s.place, p.user_id AS "userId"
FROM unnest($1::int[], $2::uuid[], $3::text[]) WITH ORDINALITY AS s (place, conversation_id, username, nth)
CROSS JOIN LATERAL (SELECT q.id FROM users_replica q WHERE q.username = s.username OFFSET 0) u
CROSS JOIN LATERAL (
  SELECT q.user_id FROM participants q
  WHERE q.conversation_id = s.conversation_id AND q.user_id = u.id AND q.left_version IS NULL OFFSET 0
) p
ORDER BY s.nth`

/** Only who manages a group may call everyone in it. */
const selectCallers = `SELECT s.place
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT FROM participants q
  WHERE q.conversation_id = s.conversation_id AND q.user_id = s.sender_id AND q.left_version IS NULL
    AND q.role IN ('owner', 'admin') OFFSET 0
) p
CROSS JOIN LATERAL (SELECT FROM conversations q WHERE q.id = s.conversation_id AND q.kind = 'group' OFFSET 0) c`

/** The people named in each text, by its place in the list: those with that username who take part in the conversation. */
export async function findMentioned(
  db: Queryable,
  texts: readonly (Naming | undefined)[],
): Promise<Map<number, Mentioned>> {
  const namings = texts.flatMap((text, place) =>
    text && text.usernames.length > 0 ? { ...text, place } : [],
  )
  if (namings.length === 0) return new Map()
  const [people, callers] = await Promise.all([findPeople(db, namings), findCallers(db, namings)])
  return new Map(
    namings.map(({ place, senderId }) => {
      const mentions = [...new Set(people.flatMap((row) => (row.place === place ? row.userId : [])))]
      const mentionsAll = callers.has(place)
      const told = mentionsAll ? [everyone] : mentions.filter((id) => id !== senderId)
      return [place, { mentions, mentionsAll, told }]
    }),
  )
}

type Placed = Naming & { place: number }

async function findPeople(db: Queryable, namings: readonly Placed[]) {
  const names = namings.flatMap(({ usernames, ...text }) =>
    usernames.map((username) => ({ ...text, username })),
  )
  const { rows } = await db.query<{ place: number; userId: string }>({
    name: 'find-mentioned',
    text: selectPeople,
    values: [
      names.map(({ place }) => place),
      names.map(({ conversationId }) => conversationId),
      names.map(({ username }) => username),
    ],
  })
  return rows
}

async function findCallers(db: Queryable, namings: readonly Placed[]): Promise<Set<number>> {
  const calls = namings.filter(({ usernames }) => usernames.includes('all'))
  if (calls.length === 0) return new Set()
  const { rows } = await db.query<{ place: number }>({
    name: 'find-callers',
    text: selectCallers,
    values: [
      calls.map(({ place }) => place),
      calls.map(({ conversationId }) => conversationId),
      calls.map(({ senderId }) => senderId),
    ],
  })
  return new Set(rows.map(({ place }) => place))
}
