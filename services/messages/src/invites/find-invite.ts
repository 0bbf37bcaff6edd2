import { AppError } from '@finnigram/service-kit'
import type { Snapshot } from '../conversations/load-conversations.ts'
import { isUsable } from './invite-row.ts'

/** The group an invite leads to, and whether the reader is there already. */
export interface FoundInvite {
  conversationId: string
  title: string
  description: string | null
  avatarUrl: string | null
  participantCount: number
  isInside: boolean
  isUsable: boolean
}

/** A group that everyone has left has nobody to be invited to. */
const select = `SELECT i.conversation_id AS "conversationId", coalesce(c.title, '') AS title, c.description,
  c.avatar_url AS "avatarUrl", c.participant_count AS "participantCount", p.user_id IS NOT NULL AS "isInside",
  ${isUsable} AND c.participant_count > 0 AS "isUsable"
FROM invites i JOIN conversations c ON c.id = i.conversation_id
LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2 AND p.left_version IS NULL
WHERE i.code = $1`

/** What a code leads to: for whoever is there already, even when it can no longer be used. Throws `not_found`, or `gone` for an invite that has expired, is used up or was revoked. */
export async function findInvite(
  tx: Snapshot,
  { code, userId }: { code: string; userId: string },
): Promise<FoundInvite> {
  const { rows } = await tx.query<FoundInvite>({ name: 'find-invite', text: select, values: [code, userId] })
  const [found] = rows
  if (!found) throw new AppError('not_found')
  if (!found.isUsable && !found.isInside)
    throw new AppError('gone', { detail: 'This invite can no longer be used' })
  return found
}
