import { ConfigError } from '@finnigram/service-kit'
import { z } from 'zod'

const bytes = (fallback: number) =>
  z.coerce
    .number('must be a number of bytes')
    .int('must be a number of bytes')
    .min(1)
    .max(2 ** 50)
    .default(fallback)

/** Settings of attachments: storage, quotas, virus scanners. */
export const attachmentEnv = {
  FILES_DIR: z
    .string()
    .default('.finnigram/files')
    .describe(
      'Folder of attachments where there is no bucket, and of files being looked at. All nodes of one machine share it.',
    ),
  UPLOAD_MAX_BYTES: bytes(100 * 2 ** 20)
    .pipe(z.number().max(5 * 2 ** 30, 'must be at most 5 GiB'))
    .describe('The largest file, in bytes.'),
  UPLOAD_QUOTA_BYTES: bytes(5 * 2 ** 30).describe("What one person's files may take together, in bytes."),
  DISK_RESERVE_BYTES: bytes(2 ** 30).describe(
    'What stays free of the disk of FILES_DIR, in bytes: a database on the same disk stops when it is full.',
  ),
  S3_BUCKET: z
    .string()
    .optional()
    .describe('Keeps attachments in this bucket, so that several machines can share them.'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .optional()
    .describe('Where the bucket is, unless at Amazon.'),
  S3_REGION: z.string().default('us-east-1').describe('Region of the bucket.'),
  S3_ACCESS_KEY_ID: z.string().optional().describe('Key of the bucket.'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('Secret of that key.'),
  S3_FORCE_PATH_STYLE: z
    .stringbool('must be true or false')
    .default(false)
    .describe("true for what knows a bucket by its path and not by its host's name."),
  SCAN_COMMAND: z
    .string()
    .optional()
    .describe(
      'Looks at every upload: run with its path, 0 lets it in, 1 says it is harmful, anything else that nobody knows yet.',
    ),
  CLAMD_SOCKET: z
    .string()
    .regex(/^(\/.+|[\w.-]+:\d{1,5}|\[[\da-fA-F:]+\]:\d{1,5})$/, 'must be a path or host:port')
    .optional()
    .describe("Where ClamAV's clamd listens: a path, or host:port."),
}

type AttachmentSettings = z.output<z.ZodObject<typeof attachmentEnv>>

/**
 * Checks bucket settings that only make sense together. Throws a `ConfigError` that names what is
 * missing.
 */
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
