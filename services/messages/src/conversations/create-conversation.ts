import type { Conversation, NewConversation } from '@finnigram/contracts'
import { maxParticipants, newId } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { additionLimit, newGroupLimit } from '../limits.ts'
import { findPeopleFor, requirePeople, requireSelf } from '../people/find-people.ts'
import { consumeText } from '../text/consume-text.ts'
import { pairKeyOf } from './conversation-row.ts'
import { getConversation } from './get-conversation.ts'
import { foundConversation } from './insert-conversation.ts'
import { findRole } from './permissions.ts'

/**
 * Starts a conversation: 201, or 200 with the one that the same `id` made before, or that these two have already. Throws
 * `not_found` for one's own that one takes no part in any more, `conversation_id_taken` for somebody else's.
 */
export async function createConversation(
  ctx: MessagesContext,
  actor: Actor,
  wanted: NewConversation,
): Promise<{ status: 200 | 201; body: Conversation }> {
  const made = await findMade(ctx, actor, wanted)
  if (made !== undefined) return { status: 200, body: await getConversation(ctx, actor, made) }
  const id =
    wanted.kind === 'direct' ? await createDirect(ctx, actor, wanted) : await createGroup(ctx, actor, wanted)
  if (id !== undefined) return { status: 201, body: await getConversation(ctx, actor, id) }

  // Another try, or the other person, was faster.
  const winner = await findMade(ctx, actor, wanted)
  if (winner === undefined) throw new Error('A conversation was refused as made and is not there')
  return { status: 200, body: await getConversation(ctx, actor, winner) }
}

/**
 * Before any limit and any other question, so that a retry is answered whatever has changed since.
 */
async function findMade(
  ctx: MessagesContext,
  actor: Actor,
  wanted: NewConversation,
): Promise<string | undefined> {
  const { id } = wanted
  if (id !== undefined) {
    const found = await ctx.prisma.conversation.findUnique({ where: { id }, select: { createdBy: true } })
    if (found && found.createdBy !== actor.userId) throw new AppError('conversation_id_taken')
    if (found) {
      const role = await findRole(ctx.pool, { conversationId: id, userId: actor.userId })
      if (role === undefined) throw new AppError('not_found')
      return id
    }
  }
  return wanted.kind === 'direct' ? findPair(ctx, [actor.userId, wanted.userId]) : undefined
}

type NewDirect = Extract<NewConversation, { kind: 'direct' }>

/**
 * Makes the direct conversation of the caller and somebody else, or with oneself; `undefined` when
 * it, or the id, was made meanwhile. Throws `not_found` when there is no such person, or one
 * blocked the other.
 */
async function createDirect(
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
async function findPair(
  { prisma }: MessagesContext,
  [one, other]: readonly [string, string],
): Promise<string | undefined> {
  const pairKey = pairKeyOf(one, other)
  const found = await prisma.conversation.findUnique({ where: { pairKey }, select: { id: true } })
  return found?.id
}

type NewGroup = Extract<NewConversation, { kind: 'group' }>

/**
 * A group with the caller as its owner; who wants to be asked is invited. `undefined` when the id
 * was made meanwhile. Throws `validation_failed` for people who do not exist or are too many,
 * `rate_limited` for too many groups or people in a day, `conflict` when an account has just ended.
 */
async function createGroup(
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
