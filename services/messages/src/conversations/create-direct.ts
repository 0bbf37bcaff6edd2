import { type NewConversation, newId } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findPeopleFor } from '../people/find-people.ts'
import { requireSelf } from '../people/require-people.ts'
import { foundConversation } from './insert-conversation.ts'
import { pairKeyOf } from './pair-key.ts'

type NewDirect = Extract<NewConversation, { kind: 'direct' }>

/**
 * Makes the direct conversation of the caller and somebody else, or with oneself; `undefined` when
 * it, or the id, was made meanwhile. Throws `not_found` when there is no such person, or one
 * blocked the other.
 */
export async function createDirect(
  ctx: MessagesContext,
  actor: Actor,
  { id = newId(), userId: otherId }: NewDirect,
): Promise<string | undefined> {
  const people = await findPeopleFor(ctx, actor.userId, [actor.userId, otherId])
  const self = requireSelf(people, actor.userId)
  const other = people.get(otherId)
  if (!other) throw new AppError('not_found', { detail: 'There is no such person' })
  const founders = [...new Set([self, other])].map((user) => ({ user, role: 'member' as const }))
  return foundConversation(ctx, actor, {
    id,
    kind: 'direct',
    title: null,
    sharesHistory: false,
    pairKey: pairKeyOf(actor.userId, otherId),
    founders,
    named: [otherId],
  })
}

/** The direct conversation of two people; there is one for each pair. */
export async function findPair(
  { prisma }: MessagesContext,
  [one, other]: readonly [string, string],
): Promise<string | undefined> {
  const pairKey = pairKeyOf(one, other)
  const found = await prisma.conversation.findUnique({ where: { pairKey }, select: { id: true } })
  return found?.id
}
