import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { MessagesContext } from '../../context.ts'
import type { UploadRow } from '../uploads/upload-row.ts'

/** Bytes from which a file's type can be told. */
const headBytes = 64 * 1024

export interface Gathered {
  head: Buffer
  sha256: Buffer
}

/** Puts the pieces of an upload together at `path`. Throws when one is missing. */
export async function gatherPieces(
  { pool, files }: Pick<MessagesContext, 'pool' | 'files'>,
  { id, length }: UploadRow,
  path: string,
): Promise<Gathered> {
  const { rows: pieces } = await pool.query<{ key: string }>(
    'SELECT key FROM upload_pieces WHERE upload_id = $1 ORDER BY start',
    [id],
  )
  const hash = createHash('sha256')
  let head: Buffer = Buffer.alloc(0)
  let size = 0
  async function* bytes() {
    for (const { key } of pieces) {
      for await (const chunk of (await files.open(key)) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        size += chunk.length
        if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes)
        yield chunk
      }
    }
  }
  await pipeline(bytes, createWriteStream(path, { flags: 'wx' }))
  if (size !== length) throw new Error(`Upload ${id} has ${size} of ${length} bytes`)
  return { head, sha256: hash.digest() }
}
