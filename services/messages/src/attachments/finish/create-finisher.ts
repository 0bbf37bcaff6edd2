import { join } from 'node:path'
import { AppError, createBulkhead } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { findUpload } from '../uploads/find-upload.ts'
import { removeUpload } from '../uploads/remove-upload.ts'
import type { UploadRow } from '../uploads/upload-row.ts'
import { describeFile } from './describe-file.ts'
import { gatherPieces } from './gather-pieces.ts'
import { beginFinish, noteFailed } from './parked-uploads.ts'
import { scanFile } from './scan-file.ts'
import { storeAttachment } from './store-attachment.ts'
import { openWorkFolder } from './work-folder.ts'

export type Finish = (upload: UploadRow) => Promise<void>

/** Words for a file that will never be let in, however often it is tried. */
const refusals = new Set(['unsupported_media_type', 'quota_exceeded'])

/**
 * Files that are gathered, scanned and prepared at once, one of each person. Their bytes go from file to file; who finds
 * no turn is told to ask again, which asking how far the upload is does.
 */
const turns = { atOnce: 3, mostWaiting: 200, mostWaitingOfOne: 20, patienceMs: 60_000 }

/** Makes attachments of uploads that have all their bytes; whoever asks again while one is being made waits for the same. A refused upload is gone with its bytes. */
export function createFinisher(ctx: MessagesContext): Finish {
  const underWay = new Map<string, Promise<void>>()
  const inTurn = createBulkhead({ ...turns, measured: { name: 'finish', metrics: ctx.metrics } })
  return (upload) => {
    const known = underWay.get(upload.id)
    if (known) return known
    const finishing = inTurn
      .run(upload.ownerId, () => finishUpload(ctx, upload))
      .finally(() => underWay.delete(upload.id))
    underWay.set(upload.id, finishing)
    return finishing
  }
}

async function finishUpload(ctx: MessagesContext, upload: UploadRow): Promise<void> {
  if (await wasFinished(ctx, upload)) return
  // The pieces put together, and a picture without what it told.
  await ctx.disk.require(2 * upload.length)
  await beginFinish(ctx, upload.id)
  try {
    await using folder = await openWorkFolder(ctx.config)
    const path = join(folder.path, 'upload')
    const gathered = await gatherPieces(ctx, upload, path)
    await scanFile(ctx.config, path)
    const file = await describeFile(ctx, upload, { ...gathered, folder: folder.path, path })
    await storeAttachment(ctx, upload, file)
  } catch (error) {
    if (error instanceof AppError && refusals.has(error.code)) {
      await removeUpload(ctx, { userId: upload.ownerId }, upload.id)
    } else if (await wasFinished(ctx, upload)) return
    await noteFailed(ctx, upload.id, error)
    throw error
  }
}

/** Somebody else may have finished it meanwhile, on this node or another: then its pieces are no more, and that is no failure. Throws `not_found` where it was given up. */
const wasFinished = async (ctx: MessagesContext, { id, ownerId }: UploadRow): Promise<boolean> => {
  const now = await findUpload(ctx, { userId: ownerId }, id)
  if (!now) throw new AppError('not_found')
  return now.finishedAt !== null
}
