import { readFileSync } from 'node:fs'

/** The 10,000 most frequent passwords of eight characters and more in the list of zxcvbn-ts (MIT), folded, most frequent first. */
const list = new URL('common-passwords.txt', import.meta.url)
let common: ReadonlySet<string> | undefined

/** Whether a password is among those that are tried first when guessing, whatever its case. */
export function isCommonPassword(password: string): boolean {
  common ??= new Set(readFileSync(list, 'utf8').trimEnd().split('\n'))
  return common.has(password.normalize('NFKC').toLowerCase())
}
