import type { Conversation, messagesApi, RouteQuery } from '@finnigram/contracts'
import type { Avatar } from '@finnigram/images'
import { avatarFile, avatarVersion, largestAvatar, type StoredPicture } from '@finnigram/images'
import type { Actor } from '@finnigram/service-kit'
import { AppError, type FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { tellNotice } from '../history/insert-system-message.ts'
import type { LockedConversation } from './change-conversation.ts'
import { changeConversation, updateRow } from './change-conversation.ts'
import { getConversation } from './get-conversation.ts'
import { findInvited } from './invitations/list-invitations.ts'
import { findRole, requireGroupManager, requireManagedGroup } from './permissions.ts'

const select = `SELECT size, etag, bytes FROM conversation_avatars
WHERE conversation_id = $1 AND size >= $2 ORDER BY size LIMIT 1`

/** The picture of a group as a file, `size` pixels wide or the next larger. Who may see it is for the caller to check. Throws `not_found` when there is none. */
export async function loadAvatar(
  { pool }: Pick<MessagesContext, 'pool'>,
  { conversationId, size, v }: { conversationId: string; size: number; v?: string | undefined },
): Promise<FileBody> {
  const { rows } = await pool.query<StoredPicture>({
    name: 'group-avatar',
    text: select,
    values: [conversationId, Math.min(size, largestAvatar)],
  })
  if (!rows[0]) throw new AppError('not_found')
  return avatarFile(rows[0], v)
}

/** The picture of a group of the caller's, or of one that they are invited to. Throws `not_found`. */
export async function getAvatar(
  ctx: MessagesContext,
  actor: Actor,
  {
    conversationId,
    ...query
  }: { conversationId: string } & RouteQuery<typeof messagesApi.getConversationAvatar>,
): Promise<FileBody> {
  const place = { conversationId, userId: actor.userId }
  const isIn = (await findRole(ctx.pool, place)) !== undefined
  if (!isIn && !(await findInvited(ctx.pool, place))) throw new AppError('not_found')
  return loadAvatar(ctx, { conversationId, ...query })
}

/** Gives a group a picture, cut square; the same picture again makes no event. Throws `not_found`, `forbidden`, `unsupported_media_type` for what is no picture that is safe to open, or `unavailable` when too many wait. */
export async function putAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, bytes }: { conversationId: string; bytes: Uint8Array },
): Promise<Conversation> {
  // Asked before the work on the picture, and again in the transaction that stores it.
  await requireGroupManager(ctx, actor, conversationId)
  const avatar = await ctx.pictures.cutAvatar(actor.userId, bytes)
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const avatarUrl = `/v1/conversations/${conversationId}/avatar?v=${avatarVersion(avatar.etag)}`
    if (change.conversation.avatarUrl === avatarUrl) return
    await storeAvatar(change, { avatarUrl, ...avatar })
  })
  return getConversation(ctx, actor, conversationId)
}

/** Takes a group's picture away; without one nothing happens. Throws `not_found` or `forbidden`. */
export const deleteAvatar = (ctx: MessagesContext, actor: Actor, conversationId: string): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    if (change.conversation.avatarUrl === null) return
    await storeAvatar(change, { avatarUrl: null, etag: '', pictures: [] })
  })

/** Puts pictures in the place of a group's present ones, or none, and tells it. */
async function storeAvatar(
  locked: LockedConversation,
  { avatarUrl, etag, pictures }: Avatar & { avatarUrl: string | null },
): Promise<void> {
  const { tx, conversation, log } = locked
  await tx.query('DELETE FROM conversation_avatars WHERE conversation_id = $1', [conversation.id])
  await tx.query(
    `INSERT INTO conversation_avatars (conversation_id, size, etag, bytes)
SELECT $1, size, $2, bytes FROM unnest($3::int[], $4::bytea[]) AS picture (size, bytes)`,
    [conversation.id, etag, pictures.map(({ size }) => size), pictures.map(({ bytes }) => bytes)],
  )
  await updateRow(locked, { avatarUrl })
  log.tell('conversation.updated', { avatarUrl })
  await tellNotice(locked, { type: 'conversation.avatar_changed' })
}
