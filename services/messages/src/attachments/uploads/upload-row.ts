import type { Actor } from '@finnigram/service-kit'
import type { WithPool } from '../../deps.ts'

/** An upload as the database has it. */
export interface UploadRow {
  id: string
  ownerId: string
  name: string
  /** The media type that the sender claims. */
  claimedType: string | null
  /** Whether a picture stays as it is, with its metadata. */
  asFile: boolean
  /** Bytes in all, and those that are stored. */
  length: number
  received: number
  createdAt: Date
  expiresAt: Date
  finishedAt: Date | null
}

/** An upload of `u`. Sizes stay far below 2^53. */
const uploadColumns = `u.id, u.owner_id AS "ownerId", u.name, u.claimed_type AS "claimedType", u.as_file AS "asFile",
u.length::float8 AS length, u.received::float8 AS received, u.created_at AS "createdAt", u.expires_at AS "expiresAt",
u.finished_at AS "finishedAt"`

/** An upload of the caller. Undefined for somebody else's. */
export async function findUpload(
  { pool }: WithPool,
  actor: Owner,
  uploadId: string,
): Promise<UploadRow | undefined> {
  const { rows } = await pool.query<UploadRow>(
    `SELECT ${uploadColumns} FROM uploads u WHERE u.id = $1 AND u.owner_id = $2`,
    [uploadId, actor.userId],
  )
  return rows[0]
}

/** How long an upload can be resumed, and its result asked for, in milliseconds. */
export const uploadLifetimeMs = 24 * 60 * 60 * 1000

/** The caller, as far as uploads need to know. */
export type Owner = Pick<Actor, 'userId'>
