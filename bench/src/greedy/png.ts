import { randomFillSync } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A picture of `width` × `height` pixels: noise, three bytes a pixel, or one colour, almost none. */
export function makePng(width: number, height: number, { isNoise }: { isNoise: boolean }): Buffer {
  const row = 1 + 3 * width
  const pixels = Buffer.alloc(row * height)
  if (isNoise) {
    randomFillSync(pixels)
    for (let y = 0; y < height; y += 1) pixels[y * row] = 0
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits a channel, RGB.
  header.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(pixels, { level: isNoise ? 0 : 1 })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The same picture as other bytes, so that a server that keeps equal files once keeps it again. */
export function varyPng(png: Buffer, n: number): Buffer {
  const end = png.length - 12
  const note = chunk('tEXt', Buffer.from(`Comment\0${n}-${Math.random()}`))
  return Buffer.concat([png.subarray(0, end), note, png.subarray(end)])
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length, 0)
  head.write(type, 4, 'latin1')
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0)
  return Buffer.concat([head, data, sum])
}
