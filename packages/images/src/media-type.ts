import { fileTypeFromBuffer } from 'file-type'

/** As what kind of file these bytes begin, by their own look, such as `video/mp4`; undefined for texts and what is not known. Give it the first bytes of a file, some thousand at least. */
export async function mediaType(head: Uint8Array): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime.split(';', 1)[0]?.trim()
}

const movies = [
  'video/mp4',
  'video/quicktime',
  'video/x-m4v',
  'video/3gpp',
  'video/3gpp2',
  'audio/mp4',
  'audio/x-m4a',
] as const

/** Films and recordings in boxes (ISO/IEC 14496-12), which are stripped where they lie. */
export type MovieType = (typeof movies)[number]

/** Which of these a media type is, if one. */
export const movieType = (type: string): MovieType | undefined => movies.find((movie) => movie === type)
