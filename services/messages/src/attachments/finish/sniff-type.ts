import { mediaType } from '@finnigram/images'

/** Types with active content, such as scripts, are served as text. */
const active = /(^|[/+])(x?html|xml|svg|javascript|ecmascript|mathml)(\+|$)/
/** Stands for a text of unknown encoding, which is served without a charset. */
export const unknownCharset = 'unknown-8bit'
const controls = /(?!\s)\p{Cc}/u

/**
 * The media type of a file by its first bytes. The claimed type decides one thing only: whether a
 * container that may hold either is audio or video.
 */
export async function sniffType(head: Uint8Array, claimed: string | null): Promise<string> {
  const found = await mediaType(head)
  if (found === undefined) return textType(head) ?? 'application/octet-stream'
  if (active.test(found)) return 'text/plain'
  const asSound = found.replace(/^video\//, 'audio/')
  return holdsEither.has(found) && claimed === asSound ? asSound : found
}

const holdsEither = new Set(['video/webm', 'video/mp4', 'video/ogg'])

/** Begins terminal colours and the scripts of ISO-2022-JP, which occur in texts. */
const escapeMark = '\u001b'
const escapes = new RegExp(`${escapeMark}(?:\\[[\\d;?]*[A-Za-z]|\\$[@B]|\\([BJ])`, 'gu')
/** Bytes that are in no text of any encoding but UTF-16: controls other than white space. */
const isControl = (byte: number) => (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d)) || byte === 0x7f
/** Fewer bytes without a control are a text only if most of them are ASCII. */
const telling = 64

/**
 * The media type of a text: of UTF-8 without a charset, of UTF-16 with a mark and of ISO-2022-JP
 * with it. Of older encodings, such as Latin-1, Shift_JIS or KOI8-R, nobody can be sure which it is
 * (RFC 1428).
 */
function textType(head: Uint8Array): string | undefined {
  const mark = Buffer.from(head.subarray(0, 2)).toString('hex')
  for (const charset of ['utf-16le', 'utf-16be'] as const) {
    if (mark === (charset === 'utf-16le' ? 'fffe' : 'feff')) {
      return reads(head, charset) ? `text/plain; charset=${charset}` : undefined
    }
  }
  const bytes = Buffer.from(head).toString('latin1')
  if (reads(head, 'utf-8'))
    return bytes.includes(`${escapeMark}$`) ? 'text/plain; charset=iso-2022-jp' : 'text/plain'
  if (Buffer.from(bytes.replace(escapes, ''), 'latin1').some(isControl)) return undefined
  const plain = bytes.replace(/[^ -~\s]/g, '').length
  return head.length >= telling || plain * 2 >= head.length
    ? `text/plain; charset=${unknownCharset}`
    : undefined
}

/**
 * Whether these bytes are text of an encoding, without control characters; the last character may
 * be cut in the middle.
 */
function reads(head: Uint8Array, charset: string): boolean {
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(head, { stream: true })
    return !controls.test(text.replace(escapes, ''))
  } catch {
    return false
  }
}
