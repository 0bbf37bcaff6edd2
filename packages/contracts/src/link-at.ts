import { isAddressEnd, isAlphanumeric, isDigit, isLetterAt, isWordAt } from './characters.ts'

export interface Link {
  start: number
  end: number
  /** Where it leads; `https` where the text names no scheme. */
  url: string
}

/**
 * Endings by which a bare domain is known. Those that are words or files to many (`it`, `is`, `me`, `md`, `rs`, `py`) are
 * not among them: `www.` or a scheme makes a link of any name.
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
])
const punctuation = new Set([...".,;:!?'*_~…"].map((one) => one.charCodeAt(0)))
const colon = 58

/**
 * The link that begins at `start`, whose run of letters, digits, dots and hyphens ends at `runEnd`: an address with `http`
 * or `https`, or a bare domain. Nothing that carries a name or password before its host, which only serves to deceive.
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

/** Hosts may be written in any script. */
function endOfHost(text: string, start: number): number {
  let end = start
  while (isHostCharacter(text, end)) end += 1
  return end
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

const isHost = (host: string) => host.length <= 253 && host.split('.').every(isLabel)
const isLabel = (label: string) =>
  label.length > 0 && label.length <= 63 && !label.startsWith('-') && !label.endsWith('-')

function isKnownDomain(name: string): boolean {
  if (!name.includes('.') || !isHost(name)) return false
  const labels = name.toLowerCase().split('.')
  const ending = labels.at(-1) ?? ''
  if (labels[0] === 'www') return labels.length > 2 && /^[a-z]{2,24}$/.test(ending)
  return knownEndings.has(ending)
}

/** Where the link ends whose host ends at `hostEnd`; undefined when that was a name before the real host. */
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

/** Punctuation at the end belongs to the sentence, and so does a closing bracket that the address did not open. */
function endOfPath(text: string, start: number): number {
  const counts = new Map<number, number>()
  let end = start
  while (!isAddressEnd(text, end)) {
    const code = text.charCodeAt(end)
    counts.set(code, (counts.get(code) ?? 0) + 1)
    end += 1
  }
  for (; end > start + 1; end -= 1) {
    const last = text.charCodeAt(end - 1)
    const opened = opening.get(last)
    const isUnopened = opened !== undefined && (counts.get(last) ?? 0) > (counts.get(opened) ?? 0)
    if (!isUnopened && !punctuation.has(last)) break
    counts.set(last, (counts.get(last) ?? 0) - 1)
  }
  return end
}
