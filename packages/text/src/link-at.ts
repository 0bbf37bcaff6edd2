import { isAddressEnd, isAlphanumeric, isDigit, isLetterAt, isSpacelessAt, isWordAt } from './characters.ts'

export interface Link {
  start: number
  end: number
  /** The target URL; `https` if the text has no scheme. */
  url: string
}

/**
 * Endings by which a bare domain is known. Those that are words or files to many (`it`, `is`, `me`,
 * `md`, `rs`, `py`) are not among them: `www.` or a scheme makes a link of any name.
 */
const knownEndings = new Set(
  (
    'com org net edu gov int io dev app info biz ai eu uk de fr es nl ch cz se fi dk pt ru ua jp cn kr tw hk sg br ca ' +
    'mx ar cl nz za ie gr hu ro sk si hr tv gg xyz online site tech shop store blog cloud chat news wiki page link live'
  ).split(' '),
)
const opening = new Map([
  [41, 40],
  [93, 91],
  [125, 123],
])
const [slash, openingBrace, closingBrace] = [47, 123, 125]
const longestHost = 253
/** Separators within a URL; each part may be in a script of its own. */
const delimiters = new Set([..."/?#&=+-_.,:;~!$'()*@%[]{}"].map((one) => one.charCodeAt(0)))
const punctuation = new Set([...".,;:!?'*_~…"].map((one) => one.charCodeAt(0)))
const colon = 58

/**
 * The link that begins at `start`, whose run of letters, digits, dots and hyphens ends at `runEnd`:
 * an address with `http` or `https`, or a bare domain. Nothing that carries a name or password
 * before its host, which only serves to deceive.
 */
export function linkAt(text: string, start: number, runEnd: number): Link | undefined {
  if (isScheme(text, start, runEnd)) {
    const hostStart = runEnd + 3
    const hostEnd = withoutTail(text, hostStart, endOfHost(text, hostStart))
    if (!isHost(text.slice(hostStart, hostEnd))) return undefined
    const end = endOfLink(text, hostEnd)
    return end === undefined ? undefined : { start, end, url: text.slice(start, end) }
  }
  const domainEnd = withoutTail(text, start, runEnd)
  if (!isKnownDomain(text.slice(start, domainEnd)) || isWordAt(text, domainEnd)) return undefined
  const end = endOfLink(text, domainEnd)
  return end === undefined ? undefined : { start, end, url: `https://${text.slice(start, end)}` }
}

function isScheme(text: string, start: number, end: number): boolean {
  const isLong = end - start === 5
  if (!isLong && end - start !== 4) return false
  return text.startsWith('://', end) && text.slice(start, end).toLowerCase() === (isLong ? 'https' : 'http')
}

/** Hosts may be written in any script; a sentence without spaces may go on right behind one. */
function endOfHost(text: string, start: number): number {
  let end = start
  while (end - start <= longestHost && isHostCharacter(text, end)) {
    const isClinging = isAlphanumeric(text.charCodeAt(end - 1)) && isSpacelessAt(text, end)
    if (isClinging && isWholeHost(text.slice(start, end))) break
    end += 1
  }
  return end
}

/**
 * Whether a host may end so: `localhost`, an IPv4 address, or a name whose last label can be a
 * top-level domain.
 */
function isWholeHost(host: string): boolean {
  const labels = host.toLowerCase().split('.')
  const last = labels.at(-1) ?? ''
  if (labels.length === 1) return last === 'localhost'
  if (labels[0] === 'www' && labels.length === 2) return false
  return (
    /^[a-z]{2,24}$/.test(last) || (labels.length === 4 && labels.every((label) => /^\d{1,3}$/.test(label)))
  )
}

const isHostCharacter = (text: string, place: number) =>
  text.charCodeAt(place) >= 128
    ? isLetterAt(text, place) && !isAddressEnd(text, place)
    : isLabelCharacter(text.charCodeAt(place))

export const isLabelCharacter = (code: number): boolean => isAlphanumeric(code) || code === 45 || code === 46

/** Dots and hyphens at the end of a host belong to the sentence. */
function withoutTail(text: string, start: number, runEnd: number): number {
  let end = runEnd
  while (end > start && (text.charCodeAt(end - 1) === 45 || text.charCodeAt(end - 1) === 46)) end -= 1
  return end
}

const isHost = (host: string) => host.length <= longestHost && host.split('.').every(isLabel)
const isLabel = (label: string) =>
  label.length > 0 && label.length <= 63 && !label.startsWith('-') && !label.endsWith('-')

function isKnownDomain(name: string): boolean {
  if (!name.includes('.') || !isHost(name)) return false
  const labels = name.toLowerCase().split('.')
  const ending = labels.at(-1) ?? ''
  if (labels[0] === 'www') return labels.length > 2 && /^[a-z]{2,24}$/.test(ending)
  return knownEndings.has(ending)
}

/**
 * Where the link ends whose host ends at `hostEnd`; undefined when that was a name before the real
 * host.
 */
function endOfLink(text: string, hostEnd: number): number | undefined {
  let end = hostEnd
  if (text.charCodeAt(end) === colon && isDigit(text.charCodeAt(end + 1))) {
    end += 1
    while (end - hostEnd <= 5 && isDigit(text.charCodeAt(end))) end += 1
  }
  const next = text[end] ?? ''
  if (next === '/' || next === '?' || next === '#') return endOfPath(text, end)
  const isDeceiving = next === '@' || (next === ':' && isWordAt(text, end + 1))
  return isDeceiving ? undefined : end
}

/**
 * Punctuation at the end belongs to the sentence, and so does a bracket that the address did not
 * open or close. So does what follows without a space in a script that is written so, unless a
 * piece of the address begins in that script.
 */
function endOfPath(text: string, start: number): number {
  const counts = new Map<number, number>()
  const countOf = (code: number) => counts.get(code) ?? 0
  const isUnopened = (code: number) => {
    const opened = opening.get(code)
    return opened !== undefined && countOf(code) > countOf(opened)
  }
  let end = start
  let pieceIsSpaceless = false
  for (; !isAddressEnd(text, end); end += 1) {
    const code = text.charCodeAt(end)
    if (code === closingBrace && countOf(code) >= countOf(openingBrace)) break
    counts.set(code, countOf(code) + 1)
    if (delimiters.has(code)) pieceIsSpaceless = false
    else if (isSpacelessAt(text, end)) {
      if (!pieceIsSpaceless && isSentenceAgain(text, start, end)) break
      pieceIsSpaceless = true
    }
  }
  for (; end > start + 1; end -= 1) {
    const last = text.charCodeAt(end - 1)
    if (!isUnopened(last) && !punctuation.has(last) && last !== openingBrace) break
    counts.set(last, countOf(last) - 1)
  }
  return end
}

/** After a letter or digit, and after the slash that ends a bare host. */
const isSentenceAgain = (text: string, start: number, place: number) =>
  isAlphanumeric(text.charCodeAt(place - 1)) || (place === start + 1 && text.charCodeAt(place - 1) === slash)
