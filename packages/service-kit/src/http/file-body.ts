import type { Readable } from 'node:stream'

/** A part of a file, both ends included, in bytes from 0. */
export interface ByteRange {
  start: number
  end: number
}

/** What a file that is answered consists of. */
export interface FileParts {
  mediaType: string
  /** Strong: other bytes have another one. Without quotes; conditional requests and ranges need one. */
  etag?: string
  /** In bytes; undefined when it is made while it is sent. */
  size?: number
  headers?: Readonly<Record<string, string>>
  /** Opens the bytes, or a part of them. */
  open(range?: ByteRange): Readable | Uint8Array | Promise<Readable | Uint8Array>
}

/** The reply of a route that answers a file. */
export class FileBody {
  readonly parts: FileParts

  constructor(parts: FileParts) {
    this.parts = parts
  }
}
