import type { Attachment } from '@finnigram/contracts'

/** An attachment with what is known of its bytes. */
export interface AttachmentRow extends Attachment {
  blobId: string
  /** SHA-256 of the bytes, in hexadecimal. */
  sha256: string
  /** Longest sides of its thumbnails, ascending. */
  thumbnails: number[]
}

/** An attachment `a` with its blob `b`. Sizes stay far below 2^53. */
export const attachmentColumns = `a.id, a.kind, a.name, a.media_type AS "mediaType", a.size::float8 AS size, a.width, a.height,
a.thumb_hash AS "thumbHash", b.id AS "blobId", encode(b.sha256, 'hex') AS sha256, b.thumbnails`
