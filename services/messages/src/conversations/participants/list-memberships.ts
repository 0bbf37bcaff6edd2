import type { messagesApi, RouteBody, RouteReply } from '@finnigram/contracts'
import type { WithPool } from '../../deps.ts'

type Lookup = typeof messagesApi.internalMemberships

/** Memberships in one partial reply, about 1.5 MB. A person with more gets a reply of their own. */
const rowsAtMost = 20_000

/** By user, so that the limit cuts off the last users. */
const select = `SELECT user_id AS "userId", conversation_id AS id, joined_version AS "joinedVersion"
FROM participants WHERE user_id = ANY($1::uuid[]) AND left_version IS NULL
ORDER BY user_id LIMIT $2`

interface MembershipRow {
  userId: string
  id: string
  joinedVersion: number
}

/**
 * The conversations of some users, with the version at which they joined each; realtime nodes ask.
 * The reply has all users, or as many as fit if it `mayBePartial`: a user with very many
 * conversations delays no other.
 */
export async function listMemberships(
  { pool }: WithPool,
  { userIds, mayBePartial = false }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const people = [...new Set(userIds)].sort()
  const most = mayBePartial && people.length > 1 ? rowsAtMost : undefined
  const { rows } = await pool.query<MembershipRow>({
    name: 'list-memberships',
    text: select,
    values: [people, most === undefined ? null : most + 1],
  })
  const isCut = most !== undefined && rows.length > most
  const byUser = Map.groupBy(rows, ({ userId }) => userId)
  const cutAt = isCut ? rows.at(-1)?.userId : undefined
  const answered = [...new Set(userIds)].filter((id) => cutAt === undefined || id < cutAt)
  const [first] = people
  if (answered.length === 0 && first !== undefined) return listMemberships({ pool }, { userIds: [first] })
  return {
    items: answered.map((userId) => ({
      userId,
      conversations: (byUser.get(userId) ?? []).map(({ id, joinedVersion }) => ({ id, joinedVersion })),
    })),
  }
}
