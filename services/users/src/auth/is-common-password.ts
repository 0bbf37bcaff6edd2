import { readFileSync } from 'node:fs'

/** The 10,000 most frequent passwords of eight characters or more, folded, from zxcvbn-ts (MIT). */
const list = new URL('common-passwords.txt', import.meta.url)
let common: ReadonlySet<string> | undefined

/** Whether a password is among those that attackers try first, in any case. */
export function isCommonPassword(password: string): boolean {
  common ??= new Set(readFileSync(list, 'utf8').trimEnd().split('\n'))
  return common.has(password.normalize('NFKC').toLowerCase())
}
