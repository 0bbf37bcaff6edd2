import { randomBytes } from 'node:crypto'
import type { Invite, messagesApi, RouteBody } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { type Change, changeConversation } from '../change-conversation.ts'
import { requireManagedGroup } from '../permissions.ts'
import { type InviteRow, inviteColumns, isUsable, toInvite } from './invite-row.ts'

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
