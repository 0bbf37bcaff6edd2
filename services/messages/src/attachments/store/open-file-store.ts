import { resolve } from 'node:path'
import type { MessagesConfig } from '../../config.ts'
import type { FileStore } from './file-store.ts'
import { openDiskStore } from './open-disk-store.ts'
import { openS3Store } from './open-s3-store.ts'

/** Opens the configured store: a bucket if there is one, otherwise a folder. */
export function openFileStore(config: MessagesConfig): FileStore {
  if (config.S3_BUCKET === undefined) return openDiskStore(resolve(config.FILES_DIR))
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config
  return openS3Store({
    endpoint: config.S3_ENDPOINT,
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
  })
}
