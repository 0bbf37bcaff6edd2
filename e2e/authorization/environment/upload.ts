import { succeeded } from './person.ts'
import { picture } from './picture.ts'

interface Upload {
  token: string | undefined
  name: string
}

export const tus = { 'tus-resumable': '1.0.0' }

/** Headers that begin an upload (tus 1.0, creation). */
export const beginning = (name: string, size = picture.bytes.length) => ({
  ...tus,
  'upload-length': String(size),
  'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
})

/** Begins an upload of a picture; its id. */
export async function beginUpload(url: string, { token, name }: Upload): Promise<string> {
  const { headers } = await succeeded(url, 'POST /v1/uploads', { token, headers: beginning(name) })
  return headers.get('location')?.split('/').at(-1) ?? ''
}

/** Headers of a chunk that begins at `offset`. */
export const chunk = (offset = 0) => ({
  ...tus,
  'content-type': 'application/offset+octet-stream',
  'upload-offset': String(offset),
})

/** Uploads a picture; the id of the attachment it becomes. */
export async function upload(url: string, options: Upload): Promise<string> {
  const id = await beginUpload(url, options)
  const { token } = options
  await succeeded(url, `PATCH /v1/uploads/${id}`, { token, headers: chunk(), bytes: picture.bytes })
  return id
}
