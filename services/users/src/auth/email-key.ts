import { domainToASCII } from 'node:url'
import { isEmailAddress, normalizeEmail } from '@finnigram/contracts'

/**
 * The form in which e-mail addresses are compared: normalized, in lower case, the domain as DNS writes it (IDNA, UTS #46),
 * so that `müller.example` is `xn--mller-kva.example`. Providers that tell letter case apart are a museum piece, people who
 * mistype it are not.
 */
export function emailKey(email: string): string {
  const address = normalizeEmail(email)
  if (!isEmailAddress(address)) return lowerCase(address)
  const at = address.lastIndexOf('@')
  const domain = address.slice(at + 1)
  // Empty where no domain may be called so: then nobody gets mail there.
  return `${lowerCase(address.slice(0, at))}@${domainToASCII(domain) || lowerCase(domain)}`
}

/**
 * Greek writes one letter in two ways, by its place in a word. Turkish İ becomes two characters,
 * which are put in order again.
 */
const lowerCase = (text: string) => text.toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
