import type { Conversation, messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Avatar, avatarVersion, largestAvatar, type StoredPicture } from '@finnigram/images'
import { type Actor, AppError, type FileBody, pictureFile } from '@finnigram/service-kit'
import type { WithPictures, WithPool, WithRelay } from '../deps.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { changeConversation, type LockedConversation, updateRow } from './change-conversation.ts'
import { getConversation } from './get-conversation.ts'
import { findInvited } from './invitations/list-invitations.ts'
import { findRole, requireGroupManager, requireManagedGroup } from './permissions.ts'

/** The avatar of a group for its participants and for those invited to it. Throws `not_found`. */
export async function getAvatar(
  ctx: WithPool,
  actor: Actor,
  {
    conversationId,
    ...query
  }: { conversationId: string } & RouteQuery<typeof messagesApi.getConversationAvatar>,
): Promise<FileBody> {
  const reader = { conversationId, userId: actor.userId }
  const isParticipant = (await findRole(ctx.pool, reader)) !== undefined
  if (!isParticipant && !(await findInvited(ctx.pool, reader))) throw new AppError('not_found')
  return loadAvatar(ctx, { conversationId, ...query })
}

/**
 * Sets the avatar of a group, cut square; the same picture again makes no event. Throws
 * `not_found`, `forbidden`, `unsupported_media_type` for anything but a safe picture, or
 * `unavailable` when too many pictures wait.
 */
export async function putAvatar(
  ctx: WithPool & WithRelay & WithPictures,
  actor: Actor,
  { conversationId, bytes }: { conversationId: string; bytes: Uint8Array },
): Promise<Conversation> {
  // Checked before the costly work, and again in the transaction that stores its result.
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

/** Deletes the avatar of a group, if there is one. Throws `not_found` or `forbidden`. */
export const deleteAvatar = (
  ctx: WithPool & WithRelay,
  actor: Actor,
  conversationId: string,
): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    if (change.conversation.avatarUrl === null) return
    await storeAvatar(change, { avatarUrl: null, etag: '', pictures: [] })
  })

const select = `SELECT size, etag, bytes FROM conversation_avatars
WHERE conversation_id = $1 AND size >= $2 ORDER BY size LIMIT 1`

/**
 * The avatar of a group as a file, `size` pixels wide or the next larger size. The caller checks
 * who may see it. Throws `not_found` when there is none.
 */
export async function loadAvatar(
  { pool }: WithPool,
  { conversationId, size, v }: { conversationId: string; size: number; v?: string | undefined },
): Promise<FileBody> {
  const { rows } = await pool.query<StoredPicture>({
    name: 'group-avatar',
    text: select,
    values: [conversationId, Math.min(size, largestAvatar)],
  })
  if (!rows[0]) throw new AppError('not_found')
  return pictureFile(rows[0], { isNamed: v === avatarVersion(rows[0].etag) })
}

/** Replaces the pictures of a group, by none for a deletion, and emits the change. */
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
  log.emit('conversation.updated', { avatarUrl })
  await insertSystemMessage(locked, { type: 'conversation.avatar_changed' })
}
