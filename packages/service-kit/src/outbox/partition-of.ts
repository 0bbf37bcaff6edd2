import { crc32 } from 'node:zlib'

/** The partition, from 0, that a key always falls into. */
export function partitionOf(key: string, count: number): number {
  return crc32(key) % count
}
