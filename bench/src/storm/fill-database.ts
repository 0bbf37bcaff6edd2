import { newId } from '@finnigram/contracts'
import { searchWords } from '@finnigram/users/search-words'
import type { Database } from '../archive-fill.ts'
import { seededRandom } from '../random.ts'

/** A group that has been there for a while. */
export interface FilledGroup {
  id: string
  userIds: string[]
}

export interface GroupsPlan {
  /** People who are in `groupsEach` groups of `size`. */
  userIds: readonly string[]
  /** One of them is in every group besides, in turn. */
  others: readonly string[]
  groupsEach: number
  size: number
}

/** Messages said in each group before anything is measured, and the version that leaves. */
const saidBefore = 20
export const filledVersion = saidBefore + 1

/** Writes groups with some history straight into the database of the messages service. */
export async function fillGroups(messages: Database, plan: GroupsPlan): Promise<FilledGroup[]> {
  const groups = planGroups(plan)
  await copyProfiles(messages, [...plan.userIds, ...plan.others])
  const members = groups.flatMap(({ id, userIds }) => userIds.map((userId) => ({ id, userId })))
  await messages.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, last_seq, version, compacted_version)
SELECT id, 'group', 'Group', by, $3, $4, $5, $5 FROM unnest($1::uuid[], $2::uuid[]) AS g (id, by)`,
    [
      groups.map(({ id }) => id),
      groups.map(({ userIds }) => userIds[0]),
      plan.size + 1,
      saidBefore,
      filledVersion,
    ],
  )
  await messages.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT id, user_id, 'member', 0, 1 FROM unnest($1::uuid[], $2::uuid[]) AS m (id, user_id)`,
    [members.map(({ id }) => id), members.map(({ userId }) => userId)],
  )
  await messages.query('ALTER TABLE messages DISABLE TRIGGER USER')
  await messages.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, text_versions, created_at)
SELECT gen_random_uuid(), c.id, s, s + 1, c.created_by, 'What was said before, number ' || s, ARRAY[s + 1], now() - interval '1 day'
FROM conversations c, generate_series(1, $1::int) AS s`,
    [saidBefore],
  )
  await messages.query('ALTER TABLE messages ENABLE TRIGGER USER')
  await messages.query('VACUUM ANALYZE')
  return groups
}

/** Everyone once in each round of groups, in another order. */
function planGroups({ userIds, others, groupsEach, size }: GroupsPlan): FilledGroup[] {
  const random = seededRandom(11)
  const groups: FilledGroup[] = []
  for (let round = 0; round < groupsEach; round += 1) {
    const order = userIds.map((userId) => ({ userId, at: random() })).sort((a, b) => a.at - b.at)
    for (let start = 0; start < order.length; start += size) {
      const other = others[groups.length % others.length]
      if (other === undefined) throw new Error('Nobody else is there')
      const members = order.slice(start, start + size).map(({ userId }) => userId)
      groups.push({ id: newId(), userIds: [...members, other] })
    }
  }
  return groups
}

/** As the events of the users service would have told of them. */
export async function copyProfiles(messages: Database, userIds: readonly string[]): Promise<void> {
  const profiles = userIds.map((id, i) => ({
    id,
    username: `storm${i}`,
    displayName: `Storm ${i}`,
    bio: '',
    avatarUrl: null,
    createdAt: new Date().toISOString(),
    lastSeenAt: null,
  }))
  await messages.query(
    `INSERT INTO users_replica (id, profile, username, version)
SELECT id, profile::jsonb, username, 1 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS p (id, profile, username)`,
    [userIds, profiles.map((profile) => JSON.stringify(profile)), profiles.map(({ username }) => username)],
  )
}

/** Writes people straight into the database of the users service. */
export async function fillUsers(users: Database, userIds: readonly string[]): Promise<void> {
  const people = userIds.map((id, i) => ({
    id,
    username: `storm${i}`,
    displayName: `Storm ${i}`,
  }))
  await users.query(
    `INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
SELECT id, username, display_name, '', '{}',
  array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(words::jsonb)))
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, username, display_name, words)`,
    [
      people.map(({ id }) => id),
      people.map(({ username }) => username),
      people.map(({ displayName }) => displayName),
      people.map((person) => JSON.stringify(searchWords(person))),
    ],
  )
  await users.query('VACUUM ANALYZE users')
}
