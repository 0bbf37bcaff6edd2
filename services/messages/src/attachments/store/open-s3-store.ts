import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { AppError, isUnavailable } from '@finnigram/service-kit'
import type { FileStore } from './file-store.ts'

export interface S3Options {
  /** The URL, unless at Amazon. */
  endpoint?: string | undefined
  bucket: string
  region: string
  /** Without them the SDK looks for some: in the environment, a role of the machine. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined
  /** The bucket's name in the path in place of the host's name. */
  forcePathStyle: boolean
}

/**
 * Stores files in an S3-compatible bucket that all nodes share. The SDK is loaded with the first
 * call.
 */
export function openS3Store(options: S3Options): FileStore {
  const { bucket: Bucket } = options
  let connecting: Promise<{ s3: Sdk; client: S3Client }> | undefined
  const connect = () => {
    connecting ??= connectTo(options)
    return connecting
  }
  const send = async (key: string, { body, size }: { body: Uint8Array | Readable; size: number }) => {
    const { s3, client } = await connect()
    const put = new s3.PutObjectCommand({ Bucket, Key: key, Body: body, ContentLength: size })
    await callS3(() => client.send(put))
  }
  return {
    put(key, ...parts) {
      const bytes = Buffer.concat(parts)
      return send(key, { body: bytes, size: bytes.length })
    },
    async putFile(key, path) {
      const { size } = await stat(path)
      await send(key, { body: size === 0 ? new Uint8Array() : createReadStream(path), size })
    },
    async open(key, range) {
      const { s3, client } = await connect()
      const Range = range && `bytes=${range.start}-${range.end}`
      const get = new s3.GetObjectCommand({ Bucket, Key: key, ...(Range && { Range }) })
      const { Body } = await callS3(() => client.send(get))
      if (!(Body instanceof Readable)) throw new Error(`${key} has no bytes`)
      return Body
    },
    async deleteAll(prefix) {
      const { s3, client } = await connect()
      for (;;) {
        const { Contents = [] } = await client.send(new s3.ListObjectsV2Command({ Bucket, Prefix: prefix }))
        if (Contents.length === 0) return
        // One by one: not every S3-compatible server can delete many at once, and nobody waits.
        for (const { Key } of Contents) await client.send(new s3.DeleteObjectCommand({ Bucket, Key }))
      }
    },
    async [Symbol.asyncDispose]() {
      const connected = await connecting?.catch(() => undefined)
      connected?.client.destroy()
    },
  }
}

/** A slow download holds a connection for as long. */
const sockets = { keepAlive: true, maxSockets: 512 }

type Sdk = typeof import('@aws-sdk/client-s3')

async function connectTo(options: S3Options): Promise<{ s3: Sdk; client: S3Client }> {
  const { endpoint, region, credentials, forcePathStyle } = options
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle,
    // Newer checksums travel in trailers, which many S3-compatible servers do not understand.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 5000,
      socketTimeout: 60_000,
      httpAgent: sockets,
      httpsAgent: sockets,
    },
  })
  return { s3, client }
}

/**
 * Calls a bucket. Throws `unavailable` when it is away, overloaded or silent. Other errors pass
 * through.
 */
async function callS3<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (isTransient(cause))
      throw new AppError('unavailable', { detail: 'Files cannot be reached right now', cause })
    throw cause
  }
}

function isTransient(error: unknown): boolean {
  if (isUnavailable(error)) return true
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || ('$fault' in error && error.$fault === 'server')
}
