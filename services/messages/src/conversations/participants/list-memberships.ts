import type { messagesApi, RouteBody, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../../context.ts'

type Lookup = typeof messagesApi.internalMemberships

/** Memberships of one reply that may be in parts: about 1.5 MB. One person who has more comes alone. */
const rowsAtMost = 20_000

/** In the order of people, so that what is cut off belongs to the last ones. */
const select = `SELECT user_id AS "userId", conversation_id AS id, joined_version AS "joinedVersion"
FROM participants WHERE user_id = ANY($1::uuid[]) AND left_version IS NULL
ORDER BY user_id LIMIT $2`

interface Row {
  userId: string
  id: string
  joinedVersion: number
}

/**
 * The conversations people take part in, and the version at which they came into each. Everyone asked for is in the
 * reply; where it `mayBePartial` only as many as fit, so that people in very many conversations hold up no one else.
 */
export async function listMemberships(
  { pool }: Pick<MessagesContext, 'pool'>,
  { userIds, mayBePartial = false }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const people = [...new Set(userIds)].sort()
  const most = mayBePartial && people.length > 1 ? rowsAtMost : undefined
  const { rows } = await pool.query<Row>({
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
