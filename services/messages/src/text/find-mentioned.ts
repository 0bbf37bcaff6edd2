import { findTextParts } from '@finnigram/text'
import type { Queryable } from '../deps.ts'
import { everyone } from '../history/message-row.ts'

/** A text that may mention people. */
export interface MentioningText {
  conversationId: string
  senderId: string
  usernames: readonly string[]
}

/** Whom a text mentions. */
export interface Mentioned {
  mentions: string[]
  mentionsAll: boolean
  /** Whose count of unread mentions goes up, as in `mentions.user_id`. */
  notified: string[]
}

export const noMentions: Mentioned = { mentions: [], mentionsAll: false, notified: [] }

const selectPeople = `SELECT s.place, p.user_id AS "userId"
FROM unnest($1::int[], $2::uuid[], $3::text[]) WITH ORDINALITY AS s (place, conversation_id, username, nth)
CROSS JOIN LATERAL (SELECT q.id FROM users_replica q WHERE q.username = s.username OFFSET 0) u
CROSS JOIN LATERAL (
  SELECT q.user_id FROM participants q
  WHERE q.conversation_id = s.conversation_id AND q.user_id = u.id AND q.left_version IS NULL OFFSET 0
) p
ORDER BY s.nth`

/** Only owners and admins of a group may mention @all. */
const selectMentionsAll = `SELECT s.place
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT FROM participants q
  WHERE q.conversation_id = s.conversation_id AND q.user_id = s.sender_id AND q.left_version IS NULL
    AND q.role IN ('owner', 'admin') OFFSET 0
) p
CROSS JOIN LATERAL (SELECT FROM conversations q WHERE q.id = s.conversation_id AND q.kind = 'group' OFFSET 0) c`

/**
 * Whom each text mentions, by its place in the list: participants of its conversation with that
 * username.
 */
export async function findMentioned(
  db: Queryable,
  texts: readonly (MentioningText | undefined)[],
): Promise<Map<number, Mentioned>> {
  const mentioning = texts.flatMap((text, place) =>
    text && text.usernames.length > 0 ? { ...text, place } : [],
  )
  if (mentioning.length === 0) return new Map()
  const [people, mentionsAllAt] = await Promise.all([
    findPeople(db, mentioning),
    findMentionsAll(db, mentioning),
  ])
  return new Map(
    mentioning.map(({ place, senderId }) => {
      const mentions = [...new Set(people.flatMap((row) => (row.place === place ? row.userId : [])))]
      const mentionsAll = mentionsAllAt.has(place)
      const notified = mentionsAll ? [everyone] : mentions.filter((id) => id !== senderId)
      return [place, { mentions, mentionsAll, notified }]
    }),
  )
}

type Placed = MentioningText & { place: number }

async function findPeople(db: Queryable, mentioning: readonly Placed[]) {
  const names = mentioning.flatMap(({ usernames, ...text }) =>
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

async function findMentionsAll(db: Queryable, mentioning: readonly Placed[]): Promise<Set<number>> {
  const toAll = mentioning.filter(({ usernames }) => usernames.includes('all'))
  if (toAll.length === 0) return new Set()
  const { rows } = await db.query<{ place: number }>({
    name: 'find-callers',
    text: selectMentionsAll,
    values: [
      toAll.map(({ place }) => place),
      toAll.map(({ conversationId }) => conversationId),
      toAll.map(({ senderId }) => senderId),
    ],
  })
  return new Set(rows.map(({ place }) => place))
}

/** People whom one text may mention. Further names are plain text. */
const mostNamed = 100

interface ParsedText {
  hasLink: boolean
  /** Distinct, in lower case, in order of appearance. `all` may be among them. */
  usernames: readonly string[]
}

const plain: ParsedText = { hasLink: false, usernames: [] }

/** Most texts have none of these, and need no parser. */
const mayHaveParts = /@|:\/\/|\.[a-z\d]/i

/** Finds links and usernames in a text. */
export function readText(text: string | null): ParsedText {
  if (text === null || !mayHaveParts.test(text)) return plain
  const parts = findTextParts(text)
  if (parts.length === 0) return plain
  const usernames = new Set(parts.flatMap((part) => (part.type === 'mention' ? part.username : [])))
  return {
    hasLink: parts.some(({ type }) => type === 'link'),
    usernames: [...usernames].slice(0, mostNamed),
  }
}
