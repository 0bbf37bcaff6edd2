import type { Readable } from 'node:stream'
import type { ByteRange } from '@finnigram/service-kit'

/**
 * Stores the bytes of files under keys that we make: letters, digits, `-`, `.` and `/`. Stored
 * bytes are never changed, only deleted.
 */
export interface FileStore extends AsyncDisposable {
  /** Stores bytes from memory, one part after the other. Resolves once they survive a crash. */
  put(key: string, ...parts: Uint8Array[]): Promise<void>
  /** Stores a file of this machine, which may be moved away. Resolves once it survives a crash. */
  putFile(key: string, path: string): Promise<void>
  /** Opens the bytes, or a range of them. Rejects when they are not there. */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** Deletes every key that begins with `prefix`: a whole key, or one that ends with a slash. */
  deleteAll(prefix: string): Promise<void>
}

/** What stores files; part of the root's context. */
export interface WithFiles {
  readonly files: FileStore
}

/** The keys of an upload's pieces. */
export const uploadPrefix = (uploadId: string): string => `uploads/${uploadId}/`

/**
 * The keys of a stored file and its thumbnails, in many folders: some file systems are slow with a
 * million in one.
 */
export const blobPrefix = (blobId: string): string => `blobs/${blobId.slice(-2)}/${blobId}/`

export const originalKey = (blobId: string): string => `${blobPrefix(blobId)}original`

export const thumbnailKey = (blobId: string, side: number): string => `${blobPrefix(blobId)}${side}.webp`
