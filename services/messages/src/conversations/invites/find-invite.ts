import { AppError } from '@finnigram/service-kit'
import type { Snapshot } from '../load-conversations.ts'
import { isUsable } from './invite-row.ts'

/** The group an invite leads to, and whether the reader is there already. */
export interface FoundInvite {
  conversationId: string
  title: string
  description: string | null
  avatarUrl: string | null
  participantCount: number
  isInside: boolean
  /** Somebody else ended the reader's part in it. */
  wasRemoved: boolean
  isUsable: boolean
}

/** A group that everyone has left has nobody to be invited to. */
const select = `SELECT i.conversation_id AS "conversationId", coalesce(c.title, '') AS title, c.description,
  c.avatar_url AS "avatarUrl", c.participant_count AS "participantCount", p.user_id IS NOT NULL AND p.left_version IS NULL AS "isInside",
  coalesce(p.was_removed AND p.left_version IS NOT NULL, false) AS "wasRemoved",
  ${isUsable} AND c.participant_count > 0 AS "isUsable"
FROM invites i JOIN conversations c ON c.id = i.conversation_id
LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2
WHERE i.code = $1`

/** What a code leads to: for whoever is there already, even when it can no longer be used. Throws `not_found`, `removed_from_group` for who was removed by somebody else, or `gone` for an invite that has expired, is used up or was revoked. */
export async function findInvite(
  tx: Snapshot,
  { code, userId }: { code: string; userId: string },
): Promise<FoundInvite> {
  const { rows } = await tx.query<FoundInvite>({ name: 'find-invite', text: select, values: [code, userId] })
  const [found] = rows
  if (!found) throw new AppError('not_found')
  if (found.wasRemoved) throw new AppError('removed_from_group')
  if (!found.isUsable && !found.isInside)
    throw new AppError('gone', { detail: 'This invite can no longer be used' })
  return found
}
