import { join } from 'node:path'
import { AppError, createBulkhead } from '@finnigram/service-kit'
import type { WithConfig, WithLog, WithMetrics, WithPictures, WithPool } from '../../deps.ts'
import type { WithFiles } from '../store/file-store.ts'
import type { WithDiskSpace } from '../uploads/disk-space.ts'
import { removeUpload } from '../uploads/remove-upload.ts'
import { findUpload, type UploadRow } from '../uploads/upload-row.ts'
import { assembleUpload, openWorkFolder } from './assemble-upload.ts'
import { describeFile } from './describe-file.ts'
import { beginFinish, noteFailed } from './parked-uploads.ts'
import { scanFile } from './scan-file.ts'
import { storeAttachment } from './store-attachment.ts'

/*
 * Uploads and attachments. A file comes over tus 1.0 as an upload, in pieces that are stored and
 * never changed (`uploads/`). When its last byte is there, it is finished and becomes an attachment
 * with the same id:
 *
 * 1. Count the try (`parked-uploads.ts`). An upload that keeps failing is parked with its reason.
 * 2. Assemble the pieces in a work folder (`assemble-upload.ts`).
 * 3. Scan for viruses with the configured scanners (`scan-file.ts`).
 * 4. Describe (`describe-file.ts`): sniff the type, strip metadata, make thumbnails.
 * 5. Store (`store-attachment.ts`): bytes first, then one commit makes upload, blob and attachment
 *    agree. The same bytes of one owner are stored once.
 *
 * A message that carries the attachment opens it to the readers of that message (`fetch/`). When
 * the last such message is deleted, so is the file (`removal/`). Bytes are listed as pending
 * deletion before they are written, and until a commit needs them: whatever process dies, the
 * sweeper deletes what nobody needs.
 *
 * It never holds a file in memory, trusts the type that a sender claims, or serves a file that a
 * configured scanner has not accepted.
 */

type FinishContext = WithDiskSpace &
  WithFiles &
  WithLog &
  WithMetrics &
  WithPictures &
  WithPool &
  WithConfig<'FILES_DIR' | 'UPLOAD_QUOTA_BYTES' | 'SCAN_COMMAND' | 'CLAMD_SOCKET'>

export type Finish = (upload: UploadRow) => Promise<void>

/** Errors of a file that is refused however often it is tried. */
const permanent = new Set(['unsupported_media_type', 'quota_exceeded'])

/**
 * Uploads that are finished at once, one of each person. Their bytes go from file to file, not
 * through memory. A request that finds no place is retried: asking for the offset of the upload
 * (HEAD) does that.
 */
const finishing = { atOnce: 3, mostWaiting: 200, mostWaitingOfOne: 20, patienceMs: 60_000 }

/**
 * Creates what makes attachments of complete uploads. Concurrent calls for one upload share a run.
 * A refused upload is deleted with its bytes.
 */
export function createFinisher(ctx: FinishContext): Finish {
  const inFlight = new Map<string, Promise<void>>()
  const bulkhead = createBulkhead({ ...finishing, measured: { name: 'finish', metrics: ctx.metrics } })
  return (upload) => {
    const known = inFlight.get(upload.id)
    if (known) return known
    const result = bulkhead
      .run(upload.ownerId, () => finishUpload(ctx, upload))
      .finally(() => inFlight.delete(upload.id))
    inFlight.set(upload.id, result)
    return result
  }
}

async function finishUpload(ctx: FinishContext, upload: UploadRow): Promise<void> {
  if (await wasFinished(ctx, upload)) return
  // The assembled file, and a copy without metadata.
  await ctx.disk.require(2 * upload.length)
  await beginFinish(ctx, upload.id)
  try {
    await using folder = await openWorkFolder(ctx.config)
    const path = join(folder.path, 'upload')
    const assembled = await assembleUpload(ctx, upload, path)
    await scanFile(ctx.config, path)
    const file = await describeFile(ctx, upload, { ...assembled, folder: folder.path, path })
    await storeAttachment(ctx, upload, file)
  } catch (error) {
    if (error instanceof AppError && permanent.has(error.code)) {
      await removeUpload(ctx, { userId: upload.ownerId }, upload.id)
    } else if (await wasFinished(ctx, upload)) return
    await noteFailed(ctx, upload.id, error)
    throw error
  }
}

/**
 * Whether another request finished it meanwhile, on this node or another. Then its pieces are gone,
 * and that is no failure. Throws `not_found` for an upload that was given up.
 */
const wasFinished = async (ctx: FinishContext, { id, ownerId }: UploadRow): Promise<boolean> => {
  const now = await findUpload(ctx, { userId: ownerId }, id)
  if (!now) throw new AppError('not_found')
  return now.finishedAt !== null
}
