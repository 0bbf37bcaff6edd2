import { AppError } from '@finnigram/service-kit'
import type { Change } from './change-conversation.ts'

/** Lets pass who may manage this conversation: an owner or admin of a group. Throws `forbidden`. */
export function requireManagedGroup({
  conversation,
  role,
}: {
  conversation: Pick<Change['conversation'], 'kind'>
  role: Change['role']
}): void {
  if (conversation.kind !== 'group') {
    throw new AppError('forbidden', { detail: 'A direct conversation has nothing to manage' })
  }
  if (role === 'member') throw new AppError('forbidden', { detail: 'Only owners and admins may do this' })
}
