import type { Attachment } from '@finnigram/contracts'

/** What browsers show without running anything in it. */
const shownInline = new Set([
  ...['jpeg', 'png', 'webp', 'gif'].map((type) => `image/${type}`),
  ...['mpeg', 'mp4', 'x-m4a', 'aac', 'ogg', 'wav', 'flac', 'webm'].map((type) => `audio/${type}`),
  ...['mp4', 'webm', 'ogg', 'quicktime'].map((type) => `video/${type}`),
])

/** Headers under which somebody else's file can do no harm: nothing in it runs, and what is no picture, sound or film is saved, not opened. Kept by the asking device only, which asks each time whether it still may. */
export function fileHeaders({
  kind,
  name,
  mediaType,
}: Pick<Attachment, 'kind' | 'name' | 'mediaType'>): Record<string, string> {
  const disposition = kind !== 'file' && shownInline.has(mediaType) ? 'inline' : 'attachment'
  return {
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(name)}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  }
}

/** As RFC 8187 writes a value: `encodeURIComponent` leaves a few characters that have a meaning there. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
