import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { deleteBytes } from '../removal/delete-bytes.ts'
import { uploadPrefix } from '../store/keys.ts'
import type { Receiver, Receivers } from './create-receivers.ts'
import { findUpload } from './find-upload.ts'

interface Arriving extends Receiver {
  offset: number
  bytes: Readable
}

interface Piece {
  parts: Uint8Array[]
  /** In bytes. */
  size: number
}

type ReceiveContext = Pick<MessagesContext, 'pool' | 'files' | 'log' | 'disk'> & { receivers: Receivers }

/**
 * Stores what arrives, piece by piece, and returns how far the upload is then. What came before the sender hung up is
 * kept; what a process that dies loses is the piece that it held. Throws `conflict` when the upload is not where these
 * bytes begin, because somebody else sent them, too, `rate_limited` or `unavailable` when too many send.
 */
export function receiveBytes(ctx: ReceiveContext, arriving: Arriving): Promise<number> {
  const { ownerId, uploadId, offset } = arriving
  return ctx.receivers.run(arriving, async (followsAnother) => {
    if (followsAnother) {
      const upload = await findUpload(ctx, { userId: ownerId }, uploadId)
      if (upload?.received !== offset) throw elsewhere()
    }
    return storeArriving(ctx, arriving)
  })
}

async function storeArriving(ctx: ReceiveContext, { uploadId, offset, bytes }: Arriving): Promise<number> {
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
    // What did not get through stays in `held` only if it was the sender who failed.
    failure = error
  }
  await store()
  if (failure !== undefined) throw failure
  return start
}

/** Longest that storing a piece may take, in minutes. */
const storingMinutes = 10

/**
 * The row is the lock: of two who bring the same bytes, to whichever nodes, one moves it. Doomed until then, so that
 * neither the other's piece nor that of a process that died stays.
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
  throw elsewhere()
}

const elsewhere = () =>
  new AppError('conflict', { detail: 'The upload is elsewhere by now: ask how far it is' })
