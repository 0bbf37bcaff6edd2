import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { UnreadableImage } from '../image-type.ts'
import { makeThumbnails, maxPixels, maxSide, sides } from '../prepare-image.ts'
import type { DecodedHeif, HeifOrder, HeifResult } from './heif-worker.ts'

/** The largest HEIC that is decoded, in bytes; one of 48 megapixels has about 10 MB. */
const mostBytes = 32 * 2 ** 20
/** Memory of the decoder: a picture of 50 megapixels takes some 430 MB. */
const memoryBytes = 512 * 2 ** 20
/**
 * The longest that decoding may take, in milliseconds; 48 megapixels take some 4 s. Others wait for
 * 30 s at most.
 */
const longestMs = 15_000
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

/** What can be shown of a HEIC where nobody can show itself. */
export interface HeifPreview extends Awaited<ReturnType<typeof makeThumbnails>> {
  /** In pixels, upright. */
  width: number
  height: number
}

/**
 * Thumbnails of the main picture of a HEIC, upright, in sRGB. It is decoded by libheif as
 * WebAssembly in a thread that ends with it, with bounded memory and time. Throws `UnreadableImage`
 * for what cannot be decoded so.
 */
export async function previewHeif(path: string): Promise<HeifPreview> {
  const { size, profile } = await readProfile(path)
  if (size > mostBytes) throw new UnreadableImage('The picture is too large to be decoded')
  const { width, height, pixels, shrunkWidth, shrunkHeight } = await decode({
    path,
    mostPixels: maxPixels,
    mostSide: maxSide,
    memoryBytes,
    side: Math.max(...sides),
  })
  const raw = sharp(pixels, { raw: { width: shrunkWidth, height: shrunkHeight, channels: 4 } })
  const image = profile ? sharp(withProfile(await raw.png({ compressionLevel: 1 }).toBuffer(), profile)) : raw
  return { width, height, ...(await makeThumbnails({ image, width: shrunkWidth, height: shrunkHeight })) }
}

async function decode(workerData: HeifOrder): Promise<DecodedHeif> {
  const worker = new Worker(new URL('./heif-worker.ts', import.meta.url), {
    workerData,
    resourceLimits,
    // What the decoder has to say of a picture is no news.
    stdout: true,
    stderr: true,
  })
  try {
    const [result] = (await once(worker, 'message', { signal: AbortSignal.timeout(longestMs) })) as [
      HeifResult,
    ]
    if ('decoded' in result) return result.decoded
    throw new UnreadableImage(result.unreadable)
  } catch (cause) {
    if (cause instanceof UnreadableImage) throw cause
    throw new UnreadableImage('The picture cannot be decoded', { cause })
  } finally {
    worker.on('error', () => {})
    await worker.terminate()
  }
}

/**
 * Where the colours of a picture are described, in bytes from its beginning, and how long that may
 * be.
 */
const profileWithin = 256 * 1024
const longestProfile = 64 * 1024

/** The colour profile of the first picture, if it has one; those of one file are alike. */
async function readProfile(path: string): Promise<{ size: number; profile: Buffer | undefined }> {
  await using file = await open(path)
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(profileWithin), 0, profileWithin, 0)
  const head = buffer.subarray(0, bytesRead)
  const at = head.indexOf('colrprof')
  const length = at < 4 ? 0 : head.readUInt32BE(at - 4) - 12
  const isWhole = length > 128 && length <= longestProfile && at + 8 + length <= head.length
  return { size, profile: isWhole ? head.subarray(at + 8, at + 8 + length) : undefined }
}

/** A PNG with a colour profile, by which its reader turns it into sRGB. */
function withProfile(png: Buffer, profile: Uint8Array): Buffer {
  const data = Buffer.concat([Buffer.from('iCCPprofile\0\0', 'latin1'), deflateSync(profile)])
  const framed = Buffer.alloc(8 + data.length)
  framed.writeUInt32BE(data.length - 4)
  framed.set(data, 4)
  framed.writeUInt32BE(crc32(data), 4 + data.length)
  // It stands behind the mark and the first chunk, which are always as long.
  return Buffer.concat([png.subarray(0, 33), framed, png.subarray(33)])
}
