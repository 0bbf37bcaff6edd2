import { emailKey } from '../auth/email-key.ts'

/** Providers that ignore dots in the name of a mailbox. */
const dotless = new Set(['gmail.com', 'googlemail.com'])

/**
 * The mailbox behind an address: `a+1@x` and `a+2@x` are one, and `a.b@x` where the provider
 * ignores dots. For rate limits only; `emailKey` decides whether two addresses are the same.
 */
export function mailboxKey(email: string): string {
  const { local, domain } = partsOf(email)
  const plain = local.replace(/(?!^)\+.*$/s, '')
  return dotless.has(domain) ? `${plain.replaceAll('.', '')}@gmail.com` : `${plain}@${domain}`
}

/** The domain that receives the mail. */
export const mailDomain = (email: string): string => partsOf(email).domain

function partsOf(email: string): { local: string; domain: string } {
  const key = emailKey(email)
  const at = key.lastIndexOf('@')
  return { local: key.slice(0, at), domain: key.slice(at + 1) }
}
