import { fileTypeFromBuffer } from 'file-type'

/** As what kind of file these bytes begin, by their own look, such as `video/mp4`; undefined for texts and what is not known. Give it the first bytes of a file, some thousand at least. */
export async function mediaType(head: Uint8Array): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime.split(';', 1)[0]?.trim()
}
