import type { Readable } from 'node:stream'
import type { ByteRange } from '@finnigram/service-kit'

/** Where bytes lie, under keys that we make: letters, digits, `-`, `.` and `/`. What is put is never changed, only deleted. */
export interface FileStore extends AsyncDisposable {
  /** Stores bytes that are in memory, one part after the other; resolves once they would survive a crash. */
  put(key: string, ...parts: Uint8Array[]): Promise<void>
  /** Stores a file of this machine, which may be gone afterwards; resolves once it would survive a crash. */
  putFile(key: string, path: string): Promise<void>
  /** The bytes, or a part of them. Rejects when they are not there. */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** Deletes everything whose key begins with `prefix`, which ends with a slash or is a whole key; does nothing when there is nothing. */
  deleteAll(prefix: string): Promise<void>
}

/** What stores files; part of the root's context. */
export interface WithFiles {
  readonly files: FileStore
}
