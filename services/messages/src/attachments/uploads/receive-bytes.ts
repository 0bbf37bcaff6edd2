import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { uploadPrefix } from '../store/keys.ts'

/** Bytes that are held in memory before they are stored: what a process that dies loses at most, of each upload. */
const pieceBytes = 2 ** 20

interface Arriving {
  uploadId: string
  offset: number
  bytes: Readable
}

/**
 * Stores what arrives, piece by piece, and returns how far the upload is then. What came before the sender hung up is
 * kept. Throws `conflict` when the upload is not where these bytes begin, because somebody else sent them, too.
 */
export async function receiveBytes(
  ctx: Pick<MessagesContext, 'pool' | 'files'>,
  { uploadId, offset, bytes }: Arriving,
): Promise<number> {
  let start = offset
  let held: Uint8Array[] = []
  let size = 0
  const store = async () => {
    if (size === 0) return
    const piece = Buffer.concat(held, size)
    held = []
    size = 0
    await storePiece(ctx, { uploadId, start, piece })
    start += piece.length
  }
  let failure: unknown
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      held.push(chunk)
      size += chunk.length
      if (size >= pieceBytes) await store()
    }
  } catch (error) {
    // What did not get through stays in `held` only if it was the sender who failed.
    failure = error
  }
  await store()
  if (failure !== undefined) throw failure
  return start
}

/** The row is the lock: of two who bring the same bytes, to whichever nodes, one moves it. The other's piece lies unused until the upload ends. */
async function storePiece(
  { pool, files }: Pick<MessagesContext, 'pool' | 'files'>,
  { uploadId, start, piece }: { uploadId: string; start: number; piece: Buffer },
): Promise<void> {
  const key = `${uploadPrefix(uploadId)}${start}-${randomUUID()}`
  await files.put(key, piece)
  const { rowCount } = await pool.query(
    `WITH moved AS (
  UPDATE uploads SET received = received + $3
  WHERE id = $1 AND received = $2 AND received + $3 <= length AND finished_at IS NULL
  RETURNING id
)
INSERT INTO upload_pieces (upload_id, start, key) SELECT id, $2, $4 FROM moved`,
    [uploadId, start, piece.length, key],
  )
  if (rowCount !== 1)
    throw new AppError('conflict', { detail: 'The upload is elsewhere by now: ask how far it is' })
}
