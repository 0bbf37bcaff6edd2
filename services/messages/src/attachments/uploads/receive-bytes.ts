import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { AppError } from '@finnigram/service-kit'
import type { WithLog, WithPool } from '../../deps.ts'
import { deleteBytes } from '../removal/pending-deletion.ts'
import { uploadPrefix, type WithFiles } from '../store/file-store.ts'
import type { Receiver, Receivers } from './create-receivers.ts'
import type { WithDiskSpace } from './disk-space.ts'
import { findUpload } from './upload-row.ts'

interface ArrivingBytes extends Receiver {
  offset: number
  bytes: Readable
}

interface Piece {
  parts: Uint8Array[]
  /** In bytes. */
  size: number
}

type ReceiveContext = WithDiskSpace & WithFiles & WithLog & WithPool & { receivers: Receivers }

/**
 * Stores what arrives, piece by piece, and returns the new offset of the upload. What came before
 * the sender disconnected is kept. A crash loses only the piece in memory. Throws `conflict` when
 * the upload is not at this offset because another request moved it, and `rate_limited` or
 * `unavailable` when too many requests bring bytes.
 */
export function receiveBytes(ctx: ReceiveContext, arriving: ArrivingBytes): Promise<number> {
  const { ownerId, uploadId, offset } = arriving
  return ctx.receivers.run(arriving, async (followsAnother) => {
    if (followsAnother) {
      const upload = await findUpload(ctx, { userId: ownerId }, uploadId)
      if (upload?.received !== offset) throw offsetConflict()
    }
    return storeArriving(ctx, arriving)
  })
}

async function storeArriving(
  ctx: ReceiveContext,
  { uploadId, offset, bytes }: ArrivingBytes,
): Promise<number> {
  let start = offset
  let held: Uint8Array[] = []
  let size = 0
  const store = async () => {
    if (size === 0) return
    const piece = { parts: held, size }
    held = []
    size = 0
    await storePiece(ctx, { uploadId, start, piece })
    start += piece.size
  }
  let failure: unknown
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      held.push(chunk)
      size += chunk.length
      if (size >= ctx.receivers.pieceBytes()) await store()
    }
  } catch (error) {
    // `held` keeps its bytes only when the sender failed, not the store.
    failure = error
  }
  await store()
  if (failure !== undefined) throw failure
  return start
}

/** Longest time for storing a piece, in minutes. */
const storingMinutes = 10

/**
 * Stores one piece. The row of the upload is the lock: of two requests with the same bytes, on any
 * nodes, one moves its offset. Until then the piece is pending deletion, so that the other's is
 * deleted, and that of a crash, too.
 */
async function storePiece(
  ctx: ReceiveContext,
  { uploadId, start, piece }: { uploadId: string; start: number; piece: Piece },
): Promise<void> {
  const { pool, files, disk } = ctx
  await disk.require(piece.size)
  const key = `${uploadPrefix(uploadId)}${start}-${randomUUID()}`
  await pool.query('INSERT INTO doomed_files (prefix, due) VALUES ($1, now() + make_interval(mins => $2))', [
    key,
    storingMinutes,
  ])
  await files.put(key, ...piece.parts)
  const { rowCount } = await pool.query(
    `WITH doomed AS (
  SELECT prefix FROM doomed_files WHERE prefix = $4 AND NOT claimed FOR UPDATE
), moved AS (
  UPDATE uploads SET received = received + $3
  WHERE id = $1 AND received = $2 AND received + $3 <= length AND finished_at IS NULL AND EXISTS (SELECT FROM doomed)
  RETURNING id
), kept AS (
  DELETE FROM doomed_files WHERE prefix = $4 AND EXISTS (SELECT FROM moved)
)
INSERT INTO upload_pieces (upload_id, start, key) SELECT id, $2, $4 FROM moved`,
    [uploadId, start, piece.size, key],
  )
  if (rowCount === 1) return
  await deleteBytes(ctx, [key])
  throw offsetConflict()
}

const offsetConflict = () =>
  new AppError('conflict', { detail: 'The upload is elsewhere by now: ask how far it is' })
