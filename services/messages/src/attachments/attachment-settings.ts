import { ConfigError } from '@finnigram/service-kit'
import { z } from 'zod'

const bytes = (fallback: number) =>
  z.coerce
    .number('must be a number of bytes')
    .int('must be a number of bytes')
    .min(1)
    .max(2 ** 50)
    .default(fallback)

/** Where files are kept, how many of them, and who looks at them first. */
export const attachmentEnv = {
  /** Folder of the files where there is no bucket, and of those being looked at; all nodes of one machine share it. */
  FILES_DIR: z.string().default('.finnigram/files'),
  /** The largest file, in bytes. */
  UPLOAD_MAX_BYTES: bytes(100 * 2 ** 20).pipe(z.number().max(5 * 2 ** 30, 'must be at most 5 GiB')),
  /** What one person's files may take together, in bytes. */
  UPLOAD_QUOTA_BYTES: bytes(5 * 2 ** 30),
  /** What stays free of the disk of FILES_DIR, in bytes: a database on the same disk stops when it is full. */
  DISK_RESERVE_BYTES: bytes(2 ** 30),
  /** Keeps files in this bucket, so that many machines can share them. */
  S3_BUCKET: z.string().optional(),
  /** Where the bucket is, unless at Amazon. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** For what knows a bucket by its path and not by its host's name. */
  S3_FORCE_PATH_STYLE: z.stringbool('must be true or false').default(false),
  /** Is run with the path of every finished upload: 0 lets it in, 1 says that it is harmful, anything else that nobody knows yet. */
  SCAN_COMMAND: z.string().optional(),
  /** Where ClamAV's clamd listens: a path, or host:port. */
  CLAMD_SOCKET: z
    .string()
    .regex(/^(\/.+|[\w.-]+:\d{1,5}|\[[\da-fA-F:]+\]:\d{1,5})$/, 'must be a path or host:port')
    .optional(),
}

type AttachmentSettings = z.output<z.ZodObject<typeof attachmentEnv>>

/** Settings of a bucket that only make sense together. Throws a `ConfigError` that names what is missing. */
export function checkBucket<S extends AttachmentSettings>(settings: S): S {
  const { S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = settings
  const missing = [
    !S3_BUCKET && (S3_ENDPOINT || S3_ACCESS_KEY_ID || S3_SECRET_ACCESS_KEY) && 'S3_BUCKET',
    !S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY && 'S3_ACCESS_KEY_ID',
    !S3_SECRET_ACCESS_KEY && S3_ACCESS_KEY_ID && 'S3_SECRET_ACCESS_KEY',
  ].filter(Boolean)
  if (missing.length === 0) return settings
  const mistakes = missing.map((name) => `  ${name}: is missing, though other S3 settings are there`)
  throw new ConfigError(`These settings are not valid:\n${mistakes.join('\n')}`)
}
