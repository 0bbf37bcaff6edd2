import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { findPeopleFor } from '../people/find-people.ts'
import { requireSelf } from '../people/require-people.ts'
import { foundConversation } from './found-conversation.ts'
import { pairKeyOf } from './pair-key.ts'

/** The direct conversation of the caller and somebody else, or with oneself; there is one for each pair. Throws `not_found` when there is no such person, or one blocked the other. */
export async function createDirect(
  ctx: MessagesContext,
  actor: Actor,
  otherId: string,
): Promise<{ id: string; isNew: boolean }> {
  const pairKey = pairKeyOf(actor.userId, otherId)
  const present = await findPair(ctx, pairKey)
  if (present) return { id: present, isNew: false }

  const people = await findPeopleFor(ctx, actor.userId, [actor.userId, otherId])
  const self = requireSelf(people, actor.userId)
  const other = people.get(otherId)
  if (!other) throw new AppError('not_found', { detail: 'There is no such person' })
  const founders = [...new Set([self, other])].map((user) => ({ user, role: 'member' as const }))
  const id = await foundConversation(ctx, actor, {
    kind: 'direct',
    title: null,
    sharesHistory: false,
    pairKey,
    founders,
  })
  if (id !== undefined) return { id, isNew: true }

  const winner = await findPair(ctx, pairKey)
  if (!winner) throw new Error('A pair was refused as taken and is not there')
  return { id: winner, isNew: false }
}

async function findPair({ prisma }: MessagesContext, pairKey: string): Promise<string | undefined> {
  const found = await prisma.conversation.findUnique({ where: { pairKey }, select: { id: true } })
  return found?.id
}
