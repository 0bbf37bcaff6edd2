import type { MessagesContext } from '../../context.ts'
import type { Owner } from '../owner.ts'
import { type UploadRow, uploadColumns } from './upload-row.ts'

/** The caller's upload; undefined for everyone else's. */
export async function findUpload(
  { pool }: Pick<MessagesContext, 'pool'>,
  actor: Owner,
  uploadId: string,
): Promise<UploadRow | undefined> {
  const { rows } = await pool.query<UploadRow>(
    `SELECT ${uploadColumns} FROM uploads u WHERE u.id = $1 AND u.owner_id = $2`,
    [uploadId, actor.userId],
  )
  return rows[0]
}
