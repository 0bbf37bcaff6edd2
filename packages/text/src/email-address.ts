/**
 * Bytes of UTF-8 that a mail server must take: of an address and of what stands before its @ (RFC
 * 5321, 4.5.3.1).
 */
export const mostAddressBytes = 254
const mostLocalBytes = 64
/** Characters of a label of a domain, as DNS or people write it. */
const mostOfLabel = 63

/**
 * What programs put around an address that is copied: soft hyphens, zero-width spaces, marks of
 * direction.
 */
const invisible = /[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/gu
/** Persian, Urdu, Hindi and Sinhala are written with joiners, between letters. */
const strayJoiner = /(?:^|[^\p{L}\p{M}]|[a-z])\p{Join_Control}|\p{Join_Control}(?![\p{L}\p{M}])/iu
/** An atom of RFC 5322 with the characters of RFC 6531, those left out that nobody can see. */
const atoms =
  /^(?:[\w!#$%&'*+/=?^`{|}~.-]|\p{Join_Control}|\uFE0F|(?!\p{Default_Ignorable_Code_Point})(?=[^\0-\x7F])[\p{L}\p{M}\p{N}\p{P}\p{S}])+$/u
/** A label of ASCII; one that begins with `xn--` stands for another. */
const asciiLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i
/**
 * A label of other scripts (RFC 5892): letters, marks, digits, and the dots that Catalan and
 * Japanese write in words.
 */
const anyLabel =
  /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}\p{Join_Control}\u00B7\u0375\u05F3\u05F4\u30FB-]*[\p{L}\p{M}\p{N}])?$/u

/**
 * An e-mail address as it is stored and mailed to: NFKC, so that no two spellings of one address
 * differ in width or in how their accents were typed, without white space around it or characters
 * that nobody sees.
 */
export function normalizeEmail(typed: string): string {
  const plain = typed.replace(invisible, '').normalize('NFKC').trim()
  const at = plain.lastIndexOf('@')
  return at < 0 ? plain : plain.slice(0, at) + plain.slice(at).replaceAll('\u3002', '.')
}

/**
 * Whether a normalized address may be one: by RFC 5322 without quotes and comments, RFC 6531, and a
 * domain of two labels at least.
 */
export function isEmailAddress(address: string): boolean {
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)]
  if (at < 1 || utf8Bytes(address) > mostAddressBytes || utf8Bytes(local) > mostLocalBytes) return false
  if (!atoms.test(local) || /^\.|\.\.|\.$/.test(local) || strayJoiner.test(address)) return false
  const labels = domain.split('.')
  return labels.length > 1 && labels.every(isLabel) && isTopLevel(labels.at(-1) ?? '')
}

const isAscii = (text: string) => /^[\0-\x7F]*$/.test(text)
const isLabel = (label: string) =>
  label.length <= mostOfLabel && (isAscii(label) ? asciiLabel : anyLabel).test(label)
/** Nobody sells one of digits: what ends so is an address of the network. */
const isTopLevel = (label: string) => (isAscii(label) ? /^(?=..)[a-z]/i : /\p{L}/u).test(label)

function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
