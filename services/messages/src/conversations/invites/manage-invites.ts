import { randomBytes } from 'node:crypto'
import type { Invite, messagesApi, RouteBody, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesConfig } from '../../config.ts'
import type { MessagesContext } from '../../context.ts'
import { type Change, changeConversation } from '../change-conversation.ts'
import { requireGroupManager, requireManagedGroup } from '../permissions.ts'

/** The columns of `invites`, aliased `i`, that make an `Invite`. */
export const inviteColumns = `i.code, i.conversation_id AS "conversationId", i.created_by AS "createdBy",
  i.created_at AS "createdAt", i.max_uses AS "maxUses", i.uses, i.expires_at AS "expiresAt"`

/** Whether the invite `i` can be used now. */
export const isUsable = `(i.revoked_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now())
  AND (i.max_uses IS NULL OR i.uses < i.max_uses))`

export interface InviteRow {
  code: string
  conversationId: string
  createdBy: string
  createdAt: Date
  maxUses: number | null
  uses: number
  expiresAt: Date | null
}

/** An invite as those who manage its group see it. */
export const toInvite = (row: InviteRow, { PUBLIC_URL }: Pick<MessagesConfig, 'PUBLIC_URL'>): Invite => ({
  code: row.code,
  url: `${PUBLIC_URL}/invite/${row.code}`,
  conversationId: row.conversationId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  maxUses: row.maxUses,
  uses: row.uses,
  expiresAt: row.expiresAt?.toISOString() ?? null,
})

type Wanted = NonNullable<RouteBody<typeof messagesApi.createInvite>>

/** Nobody guesses 144 bits. */
const codeBytes = 18
/** Invites of one group that can be used at the same time. */
const usableAtMost = 100

/** Makes an invite to a group. Throws `not_found`, `forbidden`, `conflict` when there are too many, `validation_failed` for one that has expired already. */
export async function createInvite(
  { config, ...ctx }: MessagesContext,
  actor: Actor,
  { conversationId, maxUses = null, expiresAt = null }: Wanted & { conversationId: string },
): Promise<Invite> {
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
    throw new AppError('validation_failed', {
      errors: [{ path: 'body.expiresAt', message: 'Must lie in the future' }],
    })
  }
  return changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    await requireRoom(change)
    const code = randomBytes(codeBytes).toString('base64url')
    const { rows } = await change.tx.query<InviteRow>(
      `INSERT INTO invites AS i (code, conversation_id, created_by, max_uses, expires_at)
VALUES ($1, $2, $3, $4, $5) RETURNING ${inviteColumns}`,
      [code, conversationId, actor.userId, maxUses, expiresAt],
    )
    const [row] = rows
    if (!row) throw new Error('An invite was not stored')
    return toInvite(row, config)
  })
}

async function requireRoom({ tx, conversation }: Change): Promise<void> {
  const { rows } = await tx.query(
    `SELECT 1 FROM invites i WHERE i.conversation_id = $1 AND ${isUsable} LIMIT ${usableAtMost}`,
    [conversation.id],
  )
  if (rows.length < usableAtMost) return
  throw new AppError('conflict', { detail: `At most ${usableAtMost} invites; revoke some first` })
}

type Page = typeof messagesApi.listInvites

/** When the last of a page was made, in milliseconds since 1970, and its code. */
const Place = z.tuple([z.int().min(0).max(8.64e15), z.string().max(64)])

const select = `SELECT ${inviteColumns} FROM invites i
WHERE i.conversation_id = $1 AND ${isUsable}
  AND ($2::timestamptz IS NULL OR (i.created_at, i.code) < ($2, $3::text))
ORDER BY i.created_at DESC, i.code DESC LIMIT $4`

/** The invites of a group that can be used, newest first. Throws `not_found` or `forbidden`. */
export async function listInvites(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const [at, code] = cursor === undefined ? [null, null] : fromCursor(Place, cursor, 'query.cursor')
  await requireGroupManager(ctx, actor, conversationId)
  const { rows } = await ctx.pool.query<InviteRow>({
    name: 'list-invites',
    text: select,
    values: [conversationId, at === null ? null : new Date(at), code, limit + 1],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => toInvite(row, ctx.config)),
    nextCursor: last ? toCursor([last.createdAt.getTime(), last.code]) : null,
  }
}

/** Ends one invite of a group, or all of them: nobody joins by them any more. Again changes nothing. Throws `not_found` or `forbidden`. */
export const revokeInvites = (
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, code }: { conversationId: string; code?: string },
): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const { rowCount } = await change.tx.query(
      `UPDATE invites SET revoked_at = coalesce(revoked_at, now())
WHERE conversation_id = $1 AND ($2::text IS NULL OR code = $2)`,
      [conversationId, code ?? null],
    )
    if (code !== undefined && rowCount === 0) throw new AppError('not_found')
  })
