import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { FileBytes } from './file-bytes.ts'
import type { Stripped } from './stripped.ts'

const folder = mkdtempDisposableSync(join(tmpdir(), 'strip-'))
afterAll(() => folder.remove())

/** What a strip makes of bytes. */
export function applyStrip(strip: (file: FileBytes) => Stripped, bytes: Buffer): Buffer {
  const path = join(folder.path, 'file')
  writeFileSync(path, bytes)
  using file = new FileBytes(path)
  const { size, writes } = strip(file)
  const made = Buffer.alloc(size)
  for (const write of writes) {
    if ('bytes' in write) made.set(write.bytes, write.to)
    else bytes.copy(made, write.to, write.from, write.from + write.length)
  }
  return made
}

/** A box of the ISO base media file format; texts are Latin-1. */
export function box(type: string, ...content: (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  )
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}

/** Numbers as four bytes each. */
export function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * i)
  return bytes
}
