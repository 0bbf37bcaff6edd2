import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { getAttachment, getAttachmentInfo, getThumbnail } from '../attachments/fetch/get-attachment.ts'
import { createFinisher } from '../attachments/finish/finish-upload.ts'
import { createReceivers } from '../attachments/uploads/create-receivers.ts'
import { serveTus } from '../attachments/uploads/serve-tus.ts'
import type { MessagesContext } from '../context.ts'
import { chunkLimit, readLimit, uploadLimit } from '../limits.ts'

/** Uploads and downloads of attachments. */
export function attachmentRoutes(ctx: MessagesContext): Route[] {
  const tus = { ctx, finish: createFinisher(ctx), receivers: createReceivers(ctx.metrics) }
  return [
    route(api.describeUploads, (_request, exchange) => serveTus(tus, undefined, exchange)),
    route(api.createUpload, ({ actor }, exchange) => serveTus(tus, actor, exchange), { limit: uploadLimit }),
    route(api.headUpload, ({ actor }, exchange) => serveTus(tus, actor, exchange), { limit: chunkLimit }),
    route(api.patchUpload, ({ actor }, exchange) => serveTus(tus, actor, exchange), { limit: chunkLimit }),
    route(api.deleteUpload, ({ actor }, exchange) => serveTus(tus, actor, exchange), { limit: chunkLimit }),
    route(api.getAttachment, ({ actor, params }) => getAttachment(ctx, actor, params.attachmentId), {
      limit: readLimit,
    }),
    route(api.getAttachmentInfo, ({ actor, params }) => getAttachmentInfo(ctx, actor, params.attachmentId), {
      limit: readLimit,
    }),
    route(api.getThumbnail, ({ actor, params, query }) => getThumbnail(ctx, actor, { ...params, ...query }), {
      limit: readLimit,
    }),
  ]
}
