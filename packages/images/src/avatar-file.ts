import { FileBody } from '@finnigram/service-kit'

/** A stored square. */
export interface StoredPicture {
  size: number
  etag: string
  bytes: Buffer
}

/** Names these pictures in their address, so that it changes with them. */
export const avatarVersion = (etag: string): string => etag.slice(0, 12)

/** A stored square as a file; `v` is the version in the address that was asked for. */
export function avatarFile({ size, etag, bytes }: StoredPicture, v: string | undefined): FileBody {
  const isNamed = v === avatarVersion(etag)
  return new FileBody({
    mediaType: 'image/webp',
    etag: `${etag}-${size}`,
    size: bytes.length,
    // An address that names this very picture never means another.
    headers: { 'cache-control': isNamed ? 'private, max-age=31536000, immutable' : 'private, max-age=300' },
    open: (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  })
}
