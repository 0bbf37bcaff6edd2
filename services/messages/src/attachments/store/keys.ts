/** Where the pieces of an upload lie. */
export const uploadPrefix = (uploadId: string): string => `uploads/${uploadId}/`

/** Where a stored file and its thumbnails lie; spread over folders, because some file systems mind a million in one. */
export const blobPrefix = (blobId: string): string => `blobs/${blobId.slice(-2)}/${blobId}/`

export const originalKey = (blobId: string): string => `${blobPrefix(blobId)}original`

export const thumbnailKey = (blobId: string, side: number): string => `${blobPrefix(blobId)}${side}.webp`
