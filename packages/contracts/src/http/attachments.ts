import { z } from 'zod'
import { Attachment } from '../message.ts'
import { aFile, defineRoute } from '../route.ts'

/**
 * Uploads speak tus 1.0 (https://tus.io/protocols/resumable-upload), with the extensions creation,
 * expiration and termination.
 */
const upload = { raw: true, reply: { 204: null } } as const
const ofUpload = z.object({ uploadId: z.uuid().describe('Also the id of the attachment it becomes') })
const uploadErrors = [
  'payload_too_large',
  'quota_exceeded',
  'unsupported_media_type',
  'not_found',
  'conflict',
  'gone',
  'request_timeout',
] as const

export const describeUploads = defineRoute({
  ...upload,
  method: 'OPTIONS',
  path: '/v1/uploads',
  summary: 'What this server’s tus can do',
  auth: 'none',
})

/**
 * `Upload-Metadata` carries `filename` and, if known, `filetype`; `Location` answers where to send
 * the bytes. `as` with the value `file` keeps a picture as it is, with all that it tells of its
 * owner.
 */
export const createUpload = defineRoute({
  ...upload,
  method: 'POST',
  path: '/v1/uploads',
  summary: 'Begin an upload (tus)',
  reply: { 201: null },
  errors: uploadErrors,
})

export const headUpload = defineRoute({
  ...upload,
  method: 'HEAD',
  path: '/v1/uploads/:uploadId',
  summary: 'How far an upload of mine is (tus)',
  params: ofUpload,
  reply: { 200: null },
  errors: uploadErrors,
})

/** The last chunk is answered once the file is looked at, stored, and ready to be sent. */
export const patchUpload = defineRoute({
  ...upload,
  method: 'PATCH',
  path: '/v1/uploads/:uploadId',
  summary: 'Send a chunk (tus)',
  params: ofUpload,
  errors: uploadErrors,
})

export const deleteUpload = defineRoute({
  ...upload,
  method: 'DELETE',
  path: '/v1/uploads/:uploadId',
  summary: 'Give an upload up (tus)',
  params: ofUpload,
  errors: uploadErrors,
})

const ofAttachment = z.object({ attachmentId: z.uuid() })

/** For who uploaded it, and whoever takes part in a conversation with a message that carries it. */
export const getAttachment = defineRoute({
  method: 'GET',
  path: '/v1/attachments/:attachmentId',
  summary: 'The file',
  params: ofAttachment,
  reply: { 200: aFile('application/octet-stream', 'image/*', 'audio/*', 'video/*') },
  errors: ['not_found', 'range_not_satisfiable'],
})

export const getAttachmentInfo = defineRoute({
  method: 'GET',
  path: '/v1/attachments/:attachmentId/info',
  summary: 'What is known of a file',
  params: ofAttachment,
  reply: { 200: Attachment },
  errors: ['not_found'],
})

/** Images only; others are 404. */
export const getThumbnail = defineRoute({
  method: 'GET',
  path: '/v1/attachments/:attachmentId/thumbnail',
  summary: 'A small picture of the file',
  params: ofAttachment,
  query: z.object({
    size: z.coerce
      .number()
      .int()
      .min(1)
      .max(2048)
      .default(320)
      .describe('Longest side in pixels; the next larger one answers'),
  }),
  reply: { 200: aFile('image/webp') },
  errors: ['not_found'],
})
