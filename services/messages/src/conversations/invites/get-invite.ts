import type { InvitePreview } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { findInvite } from './find-invite.ts'

/** What an invite leads to. Throws `not_found` or `gone`. */
export async function getInvite(
  { pool }: MessagesContext,
  actor: Actor,
  code: string,
): Promise<InvitePreview> {
  const found = await findInvite(pool, { code, userId: actor.userId })
  const version = found.avatarUrl?.split('?')[1]
  return {
    code,
    title: found.title,
    description: found.description,
    avatarUrl: version === undefined ? null : `/v1/invites/${code}/avatar?${version}`,
    participantCount: found.participantCount,
    conversationId: found.isInside ? found.conversationId : null,
  }
}
