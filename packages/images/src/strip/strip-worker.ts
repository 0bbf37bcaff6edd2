import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { ImageType, MovieType, RareImageType } from '../image-type.ts'
import { UnreadableImage } from '../image-type.ts'
import { FileBytes } from './file-bytes.ts'
import { stripHeif } from './strip-heif.ts'
import { stripJpeg } from './strip-jpeg.ts'
import { stripJpeg2000, stripJpegXl } from './strip-jpeg2000-xl.ts'
import { stripMovie } from './strip-movie.ts'
import { stripPng } from './strip-png.ts'
import { stripTiff } from './strip-tiff.ts'
import { stripGif, stripWebp } from './strip-webp-gif.ts'
import type { Stripped } from './stripped.ts'

/**
 * An image or video file, and the output file without personal metadata.
 */
export interface StripOrder {
  from: string
  to: string
  type: Exclude<ImageType, 'image/avif'> | RareImageType | MovieType
}

/** How large the new file is, why the picture cannot be read, or what else went wrong. */
export type StripResult = { size: number } | { unreadable: string } | { failure: unknown }

const strips: Record<StripOrder['type'], (file: FileBytes) => Stripped> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
  'image/gif': stripGif,
  'image/heic': stripHeif,
  'image/heic-sequence': stripHeif,
  'image/heif': stripHeif,
  'image/heif-sequence': stripHeif,
  'image/tiff': stripTiff,
  'image/jp2': stripJpeg2000,
  'image/jpx': stripJpeg2000,
  'image/jpm': stripJpeg2000,
  'image/j2c': stripJpeg2000,
  'image/jxl': stripJpegXl,
  'video/mp4': stripMovie,
  'video/quicktime': stripMovie,
  'video/x-m4v': stripMovie,
  'video/3gpp': stripMovie,
  'video/3gpp2': stripMovie,
  'audio/mp4': stripMovie,
  'audio/x-m4a': stripMovie,
}

function strip({ from, to, type }: StripOrder): StripResult {
  const source = openSync(from, 'r')
  const target = openSync(to, 'wx')
  try {
    using file = new FileBytes(from)
    const { size, writes } = strips[type](file)
    ftruncateSync(target, size)
    for (const write of writes) {
      if ('bytes' in write) writeSync(target, write.bytes, 0, write.bytes.length, write.to)
      else copy({ source, target }, write)
    }
    return { size }
  } catch (error) {
    if (error instanceof UnreadableImage || error instanceof RangeError) return { unreadable: error.message }
    return { failure: error }
  } finally {
    closeSync(source)
    closeSync(target)
  }
}

const buffer = Buffer.alloc(512 * 1024)

function copy(
  { source, target }: { source: number; target: number },
  { from, to, length }: { from: number; to: number; length: number },
): void {
  for (let done = 0; done < length; ) {
    const read = readSync(source, buffer, 0, Math.min(buffer.length, length - done), from + done)
    if (read === 0) throw new UnreadableImage('The picture ends too early')
    writeSync(target, buffer, 0, read, to + done)
    done += read
  }
}

/** Runs in a worker thread: a file of hundreds of megabytes would keep everyone else waiting. */
parentPort?.on('message', (order: StripOrder) => parentPort?.postMessage(strip(order)))
