import { newId } from '@finnigram/contracts'
import type { MessagesContext } from '../../context.ts'
import { blobPrefix, originalKey, thumbnailKey } from '../store/keys.ts'
import type { DescribedFile } from './describe-file.ts'

/** Longest that storing a file may take, in minutes. */
const storingMinutes = 60

/** Stores a file with its thumbnails under a new blob's id, doomed until a commit takes them back (`commitAttachment`). */
export async function storeBytes(
  { pool, files }: Pick<MessagesContext, 'pool' | 'files'>,
  { path, thumbnails }: Pick<DescribedFile, 'path' | 'thumbnails'>,
): Promise<string> {
  const blobId = newId()
  await pool.query('INSERT INTO doomed_files (prefix, due) VALUES ($1, now() + make_interval(mins => $2))', [
    blobPrefix(blobId),
    storingMinutes,
  ])
  await files.putFile(originalKey(blobId), path)
  for (const { side, bytes } of thumbnails) await files.put(thumbnailKey(blobId, side), bytes)
  return blobId
}
