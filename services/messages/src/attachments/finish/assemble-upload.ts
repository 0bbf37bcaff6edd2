import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MessagesConfig } from '../../config.ts'
import type { WithPool } from '../../deps.ts'
import type { WithFiles } from '../store/file-store.ts'
import type { UploadRow } from '../uploads/upload-row.ts'

/** First bytes of a file, enough to sniff its type. */
const headBytes = 64 * 1024

export interface AssembledUpload {
  head: Buffer
  sha256: Buffer
}

/** Writes the pieces of an upload to one file at `path`. Throws when one is missing. */
export async function assembleUpload(
  { pool, files }: WithFiles & WithPool,
  { id, length }: UploadRow,
  path: string,
): Promise<AssembledUpload> {
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

/** A folder older than this was left by a process that died, in milliseconds. */
const staleMs = 24 * 60 * 60 * 1000

const rootOf = ({ FILES_DIR }: Pick<MessagesConfig, 'FILES_DIR'>) => resolve(FILES_DIR, 'work')

export interface WorkFolder extends AsyncDisposable {
  readonly path: string
}

/** A temporary folder for one file, on the disk of the files. Deleted when it is disposed of. */
export async function openWorkFolder(config: Pick<MessagesConfig, 'FILES_DIR'>): Promise<WorkFolder> {
  const root = rootOf(config)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const path = await mkdtemp(join(root, 'file-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** Deletes work folders that a process left behind when it died. */
export async function clearWorkFolder(config: Pick<MessagesConfig, 'FILES_DIR'>): Promise<void> {
  const root = rootOf(config)
  const names = await readdir(root).catch(() => [])
  for (const name of names) {
    const path = join(root, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - mtimeMs > staleMs) await rm(path, { recursive: true, force: true })
  }
}
