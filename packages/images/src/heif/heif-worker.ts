import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { MainModule } from 'libheif-js/libheif-wasm/libheif.js'
import { shrinkPixels } from './shrink-pixels.ts'

/** The file of a HEIC, and how it may be decoded. */
export interface HeifOrder {
  path: string
  /** Pixels of the picture at most. */
  mostPixels: number
  mostSide: number
  /** Memory of the decoder at most, in bytes. */
  memoryBytes: number
  /**
   * The result is made smaller, by a whole number, as long as its longest side stays as long as
   * this.
   */
  side: number
}

/** The main picture of a HEIC, upright, in RGBA. */
export interface DecodedHeif {
  /** Of the whole picture, in pixels. */
  width: number
  height: number
  /** What was decoded, made smaller. */
  pixels: Uint8Array<ArrayBuffer>
  shrunkWidth: number
  shrunkHeight: number
}

export type HeifResult = { decoded: DecodedHeif } | { unreadable: string }

/** What of WebAssembly is used here; its types come with those of browsers only. */
declare const WebAssembly: {
  Memory: { prototype: { buffer: ArrayBuffer; grow(this: { buffer: ArrayBuffer }, pages: number): number } }
}

/** The decoder asks for all its memory here; what is refused it reports as an error. */
function boundMemory(mostBytes: number): void {
  const { grow } = WebAssembly.Memory.prototype
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > mostBytes) throw new RangeError('Too much memory')
    return grow.call(this, pages)
  }
}

async function decode({ path, mostPixels, mostSide, side }: HeifOrder): Promise<HeifResult> {
  const require = createRequire(import.meta.url)
  const wasmBinary = readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm'))
  const libheif: MainModule = require('libheif-js/libheif-wasm/libheif.js')({ wasmBinary })
  const context = libheif.heif_context_alloc()
  const read = libheif.heif_context_read_from_memory(context, readFileSync(path))
  if (read.code !== libheif.heif_error_code.heif_error_Ok) return { unreadable: String(read.message) }
  // The picture that is shown, put together of its tiles and turned; not its depth, gain map or
  // film.
  const handle = libheif.heif_js_context_get_primary_image_handle(context)
  if (!handle || handle.code) return { unreadable: 'It has no main picture' }
  const width = libheif.heif_image_handle_get_width(handle)
  const height = libheif.heif_image_handle_get_height(handle)
  if (!(width > 0 && height > 0) || Math.max(width, height) > mostSide || width * height > mostPixels) {
    return { unreadable: `A picture of ${width} × ${height} pixels is too large` }
  }
  const image = await libheif.heif_js_decode_image2(
    handle,
    libheif.heif_colorspace.heif_colorspace_RGB,
    libheif.heif_chroma.heif_chroma_interleaved_RGBA,
  )
  const [channel] = image?.channels ?? []
  if (!channel) return { unreadable: image?.message ?? 'It cannot be decoded' }
  const { data, stride } = channel
  const by = Math.max(1, Math.floor(Math.max(channel.width, channel.height) / side))
  const shrunk = shrinkPixels({ data, stride, width: channel.width, height: channel.height }, by)
  return { decoded: { width: channel.width, height: channel.height, ...shrunk } }
}

const order: HeifOrder = workerData
boundMemory(order.memoryBytes)
/**
 * Runs in a worker thread of its own, which ends with the picture: a decoder never gives memory
 * back.
 */
const result = await decode(order).catch((error: unknown): HeifResult => ({ unreadable: String(error) }))
parentPort?.postMessage(result, 'decoded' in result ? [result.decoded.pixels.buffer] : [])
