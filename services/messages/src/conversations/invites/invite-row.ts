import type { Invite } from '@finnigram/contracts'
import type { MessagesConfig } from '../../config.ts'

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
