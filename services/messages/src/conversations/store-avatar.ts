import type { Avatar } from '@finnigram/images'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { type LockedConversation, updateRow } from './with-locked-conversation.ts'

/** Puts pictures in the place of a group's present ones, or none, and tells it. */
export async function storeAvatar(
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
