import { mediaType } from '@finnigram/images'

/** What would be run or followed by whoever opens it is handed out as text. */
const active = /(^|[/+])(x?html|xml|svg|javascript|ecmascript|mathml)(\+|$)/
const controls = /(?!\s)\p{Cc}/u

/**
 * What a file is, by its first bytes. What its sender calls it decides one thing only: whether a container that may hold
 * either is a recording or a film.
 */
export async function sniffType(head: Uint8Array, claimed: string | null): Promise<string> {
  const found = await mediaType(head)
  if (found === undefined) return isText(head) ? 'text/plain' : 'application/octet-stream'
  if (active.test(found)) return 'text/plain'
  const asSound = found.replace(/^video\//, 'audio/')
  return holdsEither.has(found) && claimed === asSound ? asSound : found
}

const holdsEither = new Set(['video/webm', 'video/mp4', 'video/ogg'])

/** UTF-8 without control characters; the last character may be cut in the middle. */
function isText(head: Uint8Array): boolean {
  try {
    return !controls.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }))
  } catch {
    return false
  }
}
