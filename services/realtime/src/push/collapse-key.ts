import { createHash } from 'node:crypto'

/** What push services collapse by (`Topic` of RFC 8030, 32 characters at most): tells them which notifications replace each other, and not of which conversation. */
export const toTopic = (tag: string): string =>
  createHash('sha256').update(tag).digest('base64url').slice(0, 32)
