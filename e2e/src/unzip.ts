import { inflateRawSync } from 'node:zlib'

const endOfDirectory = 0x06054b50
const entrySize = 46
const localSize = 30

/** The files of a zip by their names (APPNOTE 4.3), stored or deflated. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let end = zip.length - 22
  while (end > 0 && zip.readUInt32LE(end) !== endOfDirectory) end -= 1
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(at + 10)
    const size = zip.readUInt32LE(at + 20)
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + entrySize, at + entrySize + nameLength)
    const local = zip.readUInt32LE(at + 42)
    const start = local + localSize + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const content = zip.subarray(start, start + size)
    files.set(name, method === 0 ? content : inflateRawSync(content))
    at += entrySize + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return files
}
