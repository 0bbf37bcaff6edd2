import { type Conversation, maxParticipants, type NewConversation, newId } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithConfig, WithLimits, WithMetrics, WithPool, WithPrisma, WithRelay } from '../deps.ts'
import { additionLimit, newGroupLimit } from '../limits.ts'
import type { WithProfileCopyWaiter } from '../people/await-profile-copy.ts'
import { findPeopleFor, requirePeople, requireSelf } from '../people/find-people.ts'
import { consumeText } from '../text/consume-text.ts'
import { pairKeyOf } from './conversation-row.ts'
import { getConversation } from './get-conversation.ts'
import { insertConversation } from './insert-conversation.ts'
import { findRole } from './permissions.ts'

/**
 * Creates direct conversations and groups.
 *
 * Promise: creating is idempotent. The same `id` again answers the conversation that it made, also
 * while two tries run at once. Two people have one direct conversation, which unique `pair_key`
 * ensures: creating it again answers the existing one.
 *
 * Procedure:
 * 1. Look for a conversation with this id or of this pair, before any rate limit or check.
 * 2. Check limits, accounts and blocks.
 * 3. Insert conversation, participants, invitations and the first event in one transaction
 *    (`insert-conversation.ts`).
 * 4. Where another try was faster, answer its conversation.
 *
 * It never asks the users service: accounts and blocks come from the profile copy (`people/`). It
 * never adds to a group whoever wants to be asked first: they get an invitation.
 *
 * What happens to a conversation afterwards goes through `change-conversation.ts`.
 */

type Deps = WithPool &
  WithPrisma &
  WithRelay &
  WithLimits &
  WithMetrics &
  WithConfig<'RATE_LIMIT_SCALE'> &
  WithProfileCopyWaiter

/**
 * Creates a conversation: 201, or 200 with an existing one. Throws `conversation_id_taken` for the
 * id of somebody else's, `not_found` for one that the caller has left.
 */
export async function createConversation(
  ctx: Deps,
  actor: Actor,
  wanted: NewConversation,
): Promise<{ status: 200 | 201; body: Conversation }> {
  const existing = await findExisting(ctx, actor, wanted)
  if (existing !== undefined) return { status: 200, body: await getConversation(ctx, actor, existing) }
  const id =
    wanted.kind === 'direct' ? await createDirect(ctx, actor, wanted) : await createGroup(ctx, actor, wanted)
  if (id !== undefined) return { status: 201, body: await getConversation(ctx, actor, id) }

  // Another try, or the other person, was faster.
  const winner = await findExisting(ctx, actor, wanted)
  if (winner === undefined) throw new Error('A conversation was refused as a duplicate and is not there')
  return { status: 200, body: await getConversation(ctx, actor, winner) }
}

/**
 * Runs before any limit and any other check, so that a retry gets its answer whatever changed
 * since.
 */
async function findExisting(
  ctx: WithPool & WithPrisma,
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
 * Creates the direct conversation of the caller and one other, or with oneself. Returns `undefined`
 * when it, or the id, was created meanwhile. Throws `not_found` when the other has no account or
 * one of the two blocks the other.
 */
async function createDirect(
  ctx: Deps,
  actor: Actor,
  { id = newId(), userId: otherId }: NewDirect,
): Promise<string | undefined> {
  const people = await findPeopleFor(ctx, actor.userId, [actor.userId, otherId])
  const self = requireSelf(people, actor.userId)
  const other = people.get(otherId)
  if (!other) throw new AppError('not_found', { detail: 'There is no such person' })
  const members = [...new Set([self, other])].map((user) => ({ user, role: 'member' as const }))
  return insertConversation(ctx, actor, {
    id,
    kind: 'direct',
    title: null,
    sharesHistory: false,
    pairKey: pairKeyOf(actor.userId, otherId),
    members,
    requestedIds: [otherId],
  })
}

async function findPair(
  { prisma }: WithPrisma,
  [one, other]: readonly [string, string],
): Promise<string | undefined> {
  const pairKey = pairKeyOf(one, other)
  const found = await prisma.conversation.findUnique({ where: { pairKey }, select: { id: true } })
  return found?.id
}

type NewGroup = Extract<NewConversation, { kind: 'group' }>

/**
 * Creates a group with the caller as its owner. Returns `undefined` when the id was created
 * meanwhile. Throws `validation_failed` for unknown or too many people, `rate_limited` for too many
 * groups or people in a day, `conflict` when an account has just ended.
 */
async function createGroup(
  ctx: Deps,
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
  const added = others.flatMap((id) => people.get(id) ?? [])
  const members = [
    { user: self, role: 'owner' as const },
    ...added.map((user) => ({ user, role: 'member' as const })),
  ]
  return insertConversation(ctx, actor, {
    id,
    kind: 'group',
    title,
    sharesHistory,
    pairKey: null,
    members,
    requestedIds: userIds,
  })
}
