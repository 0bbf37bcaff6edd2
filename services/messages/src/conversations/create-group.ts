import { maxParticipants, type NewConversation, newId } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { additionLimit, newGroupLimit } from '../limits.ts'
import { findPeopleFor } from '../people/find-people.ts'
import { requirePeople, requireSelf } from '../people/require-people.ts'
import { consumeText } from '../text/consume-text.ts'
import { foundConversation } from './insert-conversation.ts'

type NewGroup = Extract<NewConversation, { kind: 'group' }>

/**
 * A group with the caller as its owner; who wants to be asked is invited. `undefined` when the id
 * was made meanwhile. Throws `validation_failed` for people who do not exist or are too many,
 * `rate_limited` for too many groups or people in a day, `conflict` when an account has just ended.
 */
export async function createGroup(
  ctx: MessagesContext,
  actor: Actor,
  { id = newId(), title, userIds, sharesHistory = false }: NewGroup,
): Promise<string | undefined> {
  await consumeText(ctx, actor.userId, { texts: [title] })
  const others = [...new Set(userIds)].filter((id) => id !== actor.userId)
  if (others.length >= maxParticipants) {
    const message = `At most ${maxParticipants} people, you included`
    throw new AppError('validation_failed', { errors: [{ path: 'body.userIds', message }] })
  }
  const people = await findPeopleFor(ctx, actor.userId, [actor.userId, ...others])
  const self = requireSelf(people, actor.userId)
  requirePeople(people, userIds)
  await ctx.limits.consume(newGroupLimit, actor.userId)
  if (others.length > 0) await ctx.limits.consume(additionLimit, actor.userId, others.length)
  const members = others.flatMap((id) => people.get(id) ?? [])
  const founders = [
    { user: self, role: 'owner' as const },
    ...members.map((user) => ({ user, role: 'member' as const })),
  ]
  return foundConversation(ctx, actor, {
    id,
    kind: 'group',
    title,
    sharesHistory,
    pairKey: null,
    founders,
    named: userIds,
  })
}
