import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore } from './file-store.ts'

/** Files in a folder, which all nodes of this machine share and nobody else may look into; made when the first file comes. */
export function openDiskStore(root: string): FileStore {
  /** A file is whole under its name or not there at all. */
  const place = async (key: string, write: (path: string) => Promise<void>) => {
    const path = join(root, key)
    const folder = dirname(path)
    const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined
    const half = `${path}.${randomUUID()}`
    try {
      await write(half)
      await flush(half)
      await rename(half, path)
    } catch (error) {
      await rm(half, { force: true })
      throw error
    }
    await flush(folder)
    if (isNew) await flush(dirname(folder))
  }
  return {
    put: (key, ...parts) => place(key, (half) => writeWhole(half, parts)),
    putFile: (key, path) => place(key, (half) => moveFile(path, half)),
    async open(key, range) {
      const file = await open(join(root, key), 'r')
      return file.createReadStream(range ?? {})
    },
    deleteAll: (prefix) => rm(join(root, prefix), { recursive: true, force: true }),
    async [Symbol.asyncDispose]() {},
  }
}

async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, 'wx')
  // Not copied together first: that would be as much garbage again for each byte that comes.
  for (const part of parts) await file.writeFile(part)
}

/** Another file system cannot take it over, but can copy it. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await copyFile(from, to)
  }
}

/** What was written, or which names a folder holds, reaches the disk. */
async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}
