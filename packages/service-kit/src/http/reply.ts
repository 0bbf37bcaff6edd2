import type { Readable } from 'node:stream'

/** A reply of a route with several. The status stays a literal, so that the types know its body. */
export function reply<const S extends number>(status: S): { status: S; body: undefined }
export function reply<const S extends number, B>(status: S, body: B): { status: S; body: B }
export function reply(status: number, body?: unknown): { status: number; body: unknown } {
  return { status, body }
}

/** A reply body that is JSON already, and is sent as it is. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A part of a file, both ends included, in bytes from 0. */
export interface ByteRange {
  start: number
  end: number
}

/** The parts of a file that a route answers. */
export interface FileParts {
  mediaType: string
  /**
   * Strong: other bytes have another one. Without quotes; conditional requests and ranges need one.
   */
  etag?: string
  /** In bytes; undefined when the file is made while it is sent. */
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

/**
 * A small picture as a file. `isNamed`: the address names this very picture, so it may be kept for
 * a year; otherwise for five minutes.
 */
export const pictureFile = (
  { size, etag, bytes }: { size: number; etag: string; bytes: Buffer },
  { isNamed }: { isNamed: boolean },
): FileBody =>
  new FileBody({
    mediaType: 'image/webp',
    etag: `${etag}-${size}`,
    size: bytes.length,
    headers: { 'cache-control': isNamed ? 'private, max-age=31536000, immutable' : 'private, max-age=300' },
    open: (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  })
