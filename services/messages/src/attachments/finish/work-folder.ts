import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { MessagesConfig } from '../../config.ts'

/** What is older was left behind by a process that died, in milliseconds. */
const staleMs = 24 * 60 * 60 * 1000

const rootOf = ({ FILES_DIR }: Pick<MessagesConfig, 'FILES_DIR'>) => resolve(FILES_DIR, 'work')

export interface WorkFolder extends AsyncDisposable {
  readonly path: string
}

/** A folder for one file that is looked at, beside where files are kept; gone with everything in it when disposed of. */
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

/** Deletes folders that nobody works in any more. */
export async function clearWorkFolder(config: Pick<MessagesConfig, 'FILES_DIR'>): Promise<void> {
  const root = rootOf(config)
  const names = await readdir(root).catch(() => [])
  for (const name of names) {
    const path = join(root, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - mtimeMs > staleMs) await rm(path, { recursive: true, force: true })
  }
}
