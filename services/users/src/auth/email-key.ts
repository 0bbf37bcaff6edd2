import { domainToASCII } from 'node:url'
import { isEmailAddress, normalizeEmail } from '@finnigram/text'

/**
 * The form in which e-mail addresses are compared: normalized, in lower case, the domain in ASCII
 * (IDNA, UTS #46), so `müller.example` is `xn--mller-kva.example`. Hardly any provider is
 * case-sensitive, but many people type the case wrong.
 */
export function emailKey(email: string): string {
  const address = normalizeEmail(email)
  if (!isEmailAddress(address)) return lowerCase(address)
  const at = address.lastIndexOf('@')
  const domain = address.slice(at + 1)
  // Empty for an invalid domain, which gets no mail.
  return `${lowerCase(address.slice(0, at))}@${domainToASCII(domain) || lowerCase(domain)}`
}

/**
 * Greek final sigma becomes sigma. Turkish İ becomes two characters, so the result is normalized
 * again.
 */
const lowerCase = (text: string) => text.toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
