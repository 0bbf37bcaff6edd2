import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** Writes a mail whole or not at all, for its owner's eyes only: there may be a link in it. */
export async function writeMailFile(
  dir: string,
  name: string,
  message: Uint8Array | Readable,
): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, name)
  await writeFile(`${path}.new`, message, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
