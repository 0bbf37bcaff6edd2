import { randomBytes } from 'node:crypto'
import type { Invite, messagesApi, RouteBody, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { WithConfig, WithPool, WithRelay } from '../../deps.ts'
import { type Change, changeConversation } from '../change-conversation.ts'
import { requireGroupManager, requireManagedGroup } from '../permissions.ts'

/** The columns of `invites`, aliased `i`, that make an `Invite`. */
const inviteColumns = `i.code, i.conversation_id AS "conversationId", i.created_by AS "createdBy",
  i.created_at AS "createdAt", i.max_uses AS "maxUses", i.uses, i.expires_at AS "expiresAt"`

/** SQL: the invite `i` can be used now. */
export const isUsable = `(i.revoked_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now())
  AND (i.max_uses IS NULL OR i.uses < i.max_uses))`

type InviteConfig = WithConfig<'PUBLIC_URL'>

interface InviteRow {
  code: string
  conversationId: string
  createdBy: string
  createdAt: Date
  maxUses: number | null
  uses: number
  expiresAt: Date | null
}

/** An invite as the managers of its group see it. */
const toInvite = (row: InviteRow, { PUBLIC_URL }: InviteConfig['config']): Invite => ({
  code: row.code,
  url: `${PUBLIC_URL}/invite/${row.code}`,
  conversationId: row.conversationId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  maxUses: row.maxUses,
  uses: row.uses,
  expiresAt: row.expiresAt?.toISOString() ?? null,
})

type NewInvite = NonNullable<RouteBody<typeof messagesApi.createInvite>>

/** 144 bits, which nobody can guess. */
const codeBytes = 18
/** Usable invites of one group. */
const usableAtMost = 100

/**
 * Creates an invite to a group. Throws `not_found`, `forbidden`, `conflict` for too many invites,
 * `validation_failed` for an expiry in the past.
 */
export async function createInvite(
  { config, ...ctx }: WithPool & WithRelay & InviteConfig,
  actor: Actor,
  { conversationId, maxUses = null, expiresAt = null }: NewInvite & { conversationId: string },
): Promise<Invite> {
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
    throw new AppError('validation_failed', {
      errors: [{ path: 'body.expiresAt', message: 'Must lie in the future' }],
    })
  }
  return changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    await requireCapacity(change)
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

async function requireCapacity({ tx, conversation }: Change): Promise<void> {
  const { rows } = await tx.query(
    `SELECT 1 FROM invites i WHERE i.conversation_id = $1 AND ${isUsable} LIMIT ${usableAtMost}`,
    [conversation.id],
  )
  if (rows.length < usableAtMost) return
  throw new AppError('conflict', { detail: `At most ${usableAtMost} invites; revoke some first` })
}

type Page = typeof messagesApi.listInvites

/** The last invite of a page: creation in milliseconds since 1970, and code. */
const InviteCursor = z.tuple([z.int().min(0).max(8.64e15), z.string().max(64)])

const select = `SELECT ${inviteColumns} FROM invites i
WHERE i.conversation_id = $1 AND ${isUsable}
  AND ($2::timestamptz IS NULL OR (i.created_at, i.code) < ($2, $3::text))
ORDER BY i.created_at DESC, i.code DESC LIMIT $4`

/** The usable invites of a group, newest first. Throws `not_found` or `forbidden`. */
export async function listInvites(
  ctx: WithPool & InviteConfig,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const [at, code] = cursor === undefined ? [null, null] : fromCursor(InviteCursor, cursor, 'query.cursor')
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

/** Revokes one invite of a group, or all. Idempotent. Throws `not_found` or `forbidden`. */
export const revokeInvites = (
  ctx: WithPool & WithRelay,
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
