/** Characters at most. A longer name is cut before its ending. */
const longest = 160
const longestEnding = 16

/**
 * Controls, line breaks, lone surrogates, and invisible or bidi characters. Joiners stay: emoji and
 * some scripts need them.
 */
const unsafe = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

/**
 * A name that is safe to show and to save under: the last part of a path, nothing hidden in it, of
 * bounded length.
 */
export function toFileName(given: string): string {
  const last =
    given.slice(-4096).toWellFormed().normalize('NFC').replace(unsafe, '').split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+$/, '')
    .trim()
  return plain === '' ? 'file' : shorten(plain)
}

function shorten(name: string): string {
  const characters = [...name]
  if (characters.length <= longest) return name
  const ending = endingOf(name)
  const kept = ending.length > 0 && ending.length <= longestEnding ? ending : ''
  return characters.slice(0, longest - kept.length).join('') + kept
}

/** From the last dot on, dot included; empty when there is none. */
const endingOf = (name: string): string => /(?<=.)\.[^.]+$/u.exec(name)?.[0] ?? ''

/** File name extensions of each type, the usual one first. */
const endings: Readonly<Record<string, readonly string[]>> = {
  'image/jpeg': ['.jpg', '.jpeg', '.jpe', '.jfif'],
  'image/png': ['.png', '.apng'],
  'image/webp': ['.webp'],
  'image/gif': ['.gif'],
  'audio/mpeg': ['.mp3', '.mpga'],
  'audio/mp4': ['.m4a', '.mp4'],
  'audio/x-m4a': ['.m4a'],
  'audio/aac': ['.aac'],
  'audio/ogg': ['.ogg', '.oga', '.opus'],
  'audio/wav': ['.wav'],
  'audio/flac': ['.flac'],
  'audio/webm': ['.webm', '.weba'],
  'video/mp4': ['.mp4', '.m4v'],
  'video/webm': ['.webm'],
  'video/ogg': ['.ogv', '.ogg'],
  'video/quicktime': ['.mov', '.qt'],
}
const pictures = /^\.(jpe?g|png|webp|gif|avif|hei[cf])$/

/**
 * The name with an extension that fits the type: a picture named .html must not be opened as a
 * page.
 */
export function withFittingEnding(name: string, mediaType: string): string {
  const [usual = '', ...others] = endings[mediaType] ?? []
  const ending = endingOf(name).toLowerCase()
  if (usual === '' || ending === usual || others.includes(ending)) return name
  const isPicture = mediaType.startsWith('image/') && pictures.test(ending)
  return (isPicture ? name.slice(0, -ending.length) : name) + usual
}
