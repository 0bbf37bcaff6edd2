import { emailKey } from './email-key.ts'

/** What a person typed to sign in: an e-mail address if there is an @ in it, a username otherwise; folded as it is stored. */
export function identifierOf(typed: string): { column: 'username' | 'email_key'; key: string } {
  // PostgreSQL stores no NUL, so nobody is called so.
  const key = emailKey(typed).replaceAll('\0', '\uFFFD')
  return key.includes('@') ? { column: 'email_key', key } : { column: 'username', key }
}
