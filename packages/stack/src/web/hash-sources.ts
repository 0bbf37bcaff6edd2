import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root } from '../root.ts'

const skipped = new Set(['node_modules', 'dist', '.expo', 'tests', 'android', 'ios'])

/** A fingerprint of the contents of files and folders (paths from the repository's root): the same only when nothing in them changed. */
export async function hashSources(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => listFiles(join(root, path))))).flat().sort()
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`\0${relative(root, file)}\0`)
    hash.update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return []
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  const below = entries
    .filter(({ name }) => !skipped.has(name) && !/\.test\.tsx?$/.test(name))
    .map((entry) => {
      const inside = join(path, entry.name)
      return entry.isDirectory() ? listFiles(inside) : [inside]
    })
  return (await Promise.all(below)).flat()
}
