import type { Readable } from 'node:stream'
import { AppError } from '@finnigram/service-kit'
import { DataStore, Upload } from '@tus/server'
import type { WithConfig, WithLimits, WithLog, WithPool } from '../../deps.ts'
import type { WithFiles } from '../store/file-store.ts'
import type { Receivers } from './create-receivers.ts'
import { createUpload } from './create-upload.ts'
import type { WithDiskSpace } from './disk-space.ts'
import { receiveBytes } from './receive-bytes.ts'
import { removeUpload } from './remove-upload.ts'
import { findUpload, type Owner, type UploadRow, uploadLifetimeMs } from './upload-row.ts'

/** What uploads need of the root. */
export type UploadContext = WithPool &
  WithLog &
  WithLimits &
  WithFiles &
  WithDiskSpace &
  WithConfig<'UPLOAD_QUOTA_BYTES'>

export interface TusStoreOptions {
  /** Makes an attachment of a complete upload. */
  finish: (upload: UploadRow) => Promise<void>
  receivers: Receivers
  /** Ends the body of this request as if its sender had disconnected. */
  stop: () => void
}

/** The data store of the tus server for one person: other people's uploads do not exist. */
export class TusStore extends DataStore {
  override readonly extensions = ['creation', 'creation-with-upload', 'expiration', 'termination']
  readonly #ctx: UploadContext
  readonly #actor: Owner
  readonly #options: TusStoreOptions

  constructor(ctx: UploadContext, actor: Owner, options: TusStoreOptions) {
    super()
    this.#ctx = ctx
    this.#actor = actor
    this.#options = options
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id, size = 0, metadata = {} } = upload
    await createUpload(this.#ctx, this.#actor, { id, length: size, metadata })
    return upload
  }

  override write(bytes: Readable, uploadId: string, offset: number): Promise<number> {
    const { receivers, stop } = this.#options
    const arriving = { ownerId: this.#actor.userId, uploadId, offset, bytes, stop }
    return receiveBytes({ ...this.#ctx, receivers }, arriving)
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.#require(id)
    // Clients take an upload with all its bytes for done: finish it before saying so.
    await this.#finishIfComplete(row)
    return new Upload({
      id,
      size: row.length,
      offset: row.received,
      metadata: { filename: row.name, ...(row.claimedType === null ? {} : { filetype: row.claimedType }) },
      creation_date: row.createdAt.toISOString(),
    })
  }

  override async remove(id: string): Promise<void> {
    await removeUpload(this.#ctx, this.#actor, id)
  }

  override getExpiration(): number {
    return uploadLifetimeMs
  }

  /** Makes an attachment of an upload whose last byte has just arrived. */
  async complete(id: string): Promise<void> {
    await this.#finishIfComplete(await this.#require(id))
  }

  async #require(id: string): Promise<UploadRow> {
    const row = await findUpload(this.#ctx, this.#actor, id)
    if (!row) throw new AppError('not_found')
    return row
  }

  async #finishIfComplete(row: UploadRow): Promise<void> {
    const isWaiting = row.received === row.length && row.finishedAt === null && row.expiresAt > new Date()
    if (isWaiting) await this.#options.finish(row)
  }
}
