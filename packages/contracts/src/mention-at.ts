import { isAlphanumeric, isWordAt } from './characters.ts'

export interface Mention {
  start: number
  end: number
  /** In lower case, as usernames are compared; `all` where everyone is meant. */
  username: string
}

const [shortest, longest] = [3, 32]

/** The `@username` that begins at `start`, where the `@` stands: not an e-mail address, nor the handle of another server. */
export function mentionAt(text: string, start: number): Mention | undefined {
  let end = start + 1
  // One more than the longest tells that it is none; nothing is gained by reading on.
  while (end - start <= longest + 1 && isUsernameCharacter(text.charCodeAt(end))) end += 1
  while (text.charCodeAt(end - 1) === 46) end -= 1
  const length = end - start - 1
  if (length < shortest || length > longest || isWordAt(text, end) || text[end] === '@') return undefined
  return { start, end, username: text.slice(start + 1, end).toLowerCase() }
}

const isUsernameCharacter = (code: number) => isAlphanumeric(code) || code === 95 || code === 46
