import { hash, randomBytes } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const length = 24
const groups = /.{6}(?!$)/g

/** A recovery code of 120 bits: too many to guess, so a plain SHA-256 keeps it (OWASP ASVS 5, 6.5.2). */
export function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length])
  return letters.join('').replace(groups, '$&-')
}

/** What is stored of a code, or undefined for text that cannot be one; case, spaces and dashes do not count. */
export function recoveryHash(typed: string): Buffer | undefined {
  const code = typed.toLowerCase().replace(/[\s-]/g, '')
  return code.length === length && /^[a-z2-7]+$/.test(code) ? hash('sha256', code, 'buffer') : undefined
}
