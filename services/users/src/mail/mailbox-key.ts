import { emailKey } from '../auth/email-key.ts'

/** Providers that deliver to one mailbox whatever dots are in its name. */
const dotless = new Set(['gmail.com', 'googlemail.com'])

/**
 * The mailbox behind an address, so that `a+1@x`, `a+2@x` and, where a provider ignores dots, `a.b@x` count as one.
 * For limits only: whether two addresses are the same person's is `emailKey`'s to say.
 */
export function mailboxKey(email: string): string {
  const { local, domain } = partsOf(email)
  const plain = local.replace(/(?!^)\+.*$/s, '')
  return dotless.has(domain) ? `${plain.replaceAll('.', '')}@gmail.com` : `${plain}@${domain}`
}

/** The host that gets the mail. */
export const mailDomain = (email: string): string => partsOf(email).domain

function partsOf(email: string): { local: string; domain: string } {
  const key = emailKey(email)
  const at = key.lastIndexOf('@')
  return { local: key.slice(0, at), domain: key.slice(at + 1) }
}
