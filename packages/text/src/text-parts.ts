import { isAlphanumeric, isWordAt } from './characters.ts'
import { isLabelCharacter, type Link, linkAt } from './link-at.ts'

/**
 * A part of a text that is more than text; places are UTF-16 code units, `end` is after the last.
 */
export type TextPart = ({ type: 'link' } & Link) | ({ type: 'mention' } & Mention)

/**
 * What a link or mention does not begin after: there it is part of an e-mail address, a path, or a
 * name.
 */
const clinging = new Set([...'@./\\-+%&=#'].map((one) => one.charCodeAt(0)))
const at = 64

/**
 * The links and mentions of a text, in order; what lies between them is plain. Every character is
 * looked at a bounded number of times, whatever is written. Whether a mention names anybody, the
 * message's `mentions` and `mentionsAll` say.
 */
export function findTextParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  for (let place = 0; place < text.length; ) {
    const code = text.charCodeAt(place)
    if (code === at) {
      const mention = isFree(text, place) ? mentionAt(text, place) : undefined
      if (mention) parts.push({ type: 'mention', ...mention })
      place = mention?.end ?? place + 1
    } else if (isAlphanumeric(code)) {
      const runEnd = endOfRun(text, place)
      const link = isFree(text, place) ? linkAt(text, place, runEnd) : undefined
      if (link) parts.push({ type: 'link', ...link })
      place = link?.end ?? runEnd
    } else {
      place += 1
    }
  }
  return parts
}

const isFree = (text: string, place: number) =>
  !clinging.has(text.charCodeAt(place - 1)) && (!isWordAt(text, place - 1) || isEmphasis(text, place - 1))

/** An underscore that begins no name: Markdown sets off what stands between two. */
const isEmphasis = (text: string, place: number) => text[place] === '_' && !isWordAt(text, place - 1)

function endOfRun(text: string, start: number): number {
  let end = start + 1
  while (isLabelCharacter(text.charCodeAt(end))) end += 1
  return end
}

interface Mention {
  start: number
  end: number
  /** In lower case, as usernames are compared; `all` where everyone is meant. */
  username: string
}

const [shortest, longest] = [3, 32]

/**
 * The `@username` that begins at `start`, where the `@` stands: not an e-mail address, nor the
 * handle of another server.
 */
function mentionAt(text: string, start: number): Mention | undefined {
  let end = start + 1
  // One more than the longest tells that it is none; nothing is gained by reading on.
  while (end - start <= longest + 1 && isUsernameCharacter(text.charCodeAt(end))) end += 1
  while (text.charCodeAt(end - 1) === 46) end -= 1
  const length = end - start - 1
  if (length < shortest || length > longest || isWordAt(text, end) || text[end] === '@') return undefined
  return { start, end, username: text.slice(start + 1, end).toLowerCase() }
}

const isUsernameCharacter = (code: number) => isAlphanumeric(code) || code === 95 || code === 46
