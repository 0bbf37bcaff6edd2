import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore } from './file-store.ts'

/**
 * Stores files in a folder that all nodes of this machine share. It is private, and created with
 * the first file.
 */
export function openDiskStore(root: string): FileStore {
  /** A file is complete under its name, or not there at all. */
  const place = async (key: string, write: (path: string) => Promise<void>) => {
    const path = join(root, key)
    const folder = dirname(path)
    const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined
    const temporary = `${path}.${randomUUID()}`
    try {
      await write(temporary)
      await flush(temporary)
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await flush(folder)
    if (isNew) await flush(dirname(folder))
  }
  return {
    put: (key, ...parts) => place(key, (temporary) => writeWhole(temporary, parts)),
    putFile: (key, path) => place(key, (temporary) => moveFile(path, temporary)),
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
  // Not concatenated first: that would double the garbage for each byte.
  for (const part of parts) await file.writeFile(part)
}

/** Moves a file, or copies it to another file system. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await copyFile(from, to)
  }
}

/** Flushes a file, or the names in a folder, to the disk. */
async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}
