/** A file on its way, as the database has it. */
export interface UploadRow {
  id: string
  ownerId: string
  name: string
  /** What the sender takes it for. */
  claimedType: string | null
  /** Whether a picture is to stay what it is, to the byte. */
  asFile: boolean
  /** Bytes in all, and those that are stored. */
  length: number
  received: number
  createdAt: Date
  expiresAt: Date
  finishedAt: Date | null
}

/** An upload of `u`. Sizes stay far below 2^53. */
export const uploadColumns = `u.id, u.owner_id AS "ownerId", u.name, u.claimed_type AS "claimedType", u.as_file AS "asFile",
u.length::float8 AS length, u.received::float8 AS received, u.created_at AS "createdAt", u.expires_at AS "expiresAt",
u.finished_at AS "finishedAt"`
