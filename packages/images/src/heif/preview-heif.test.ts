import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UnreadableImage } from '../image-type.ts'
import { stripHeif } from '../strip/strip-heif.ts'
import { applyStrip, box } from '../strip/testing.ts'
import { previewHeif } from './preview-heif.ts'
import { shrinkPixels } from './shrink-pixels.ts'
import { makeHeic, type Photo } from './testing.ts'

let folder: Awaited<ReturnType<typeof mkdtempDisposable>>

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'heif-'))
})
afterAll(() => folder.remove())

function preview(bytes: Uint8Array) {
  const path = join(folder.path, 'picture')
  writeFileSync(path, bytes)
  return previewHeif(path)
}

/** Red or blue, at a part of the width and height. */
async function colourAt(picture: Buffer, [x, y]: readonly [number, number]): Promise<string> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
  return (data[at] ?? 0) > (data[at + 2] ?? 0) ? 'red' : 'blue'
}

const [left, right, top, bottom] = [
  [0.2, 0.5],
  [0.8, 0.5],
  [0.5, 0.2],
  [0.5, 0.8],
] as const

test.each<[string, Photo, [number, number], readonly [number, number], readonly [number, number]]>([
  ['that lies as it is seen', {}, [128, 64], left, right],
  ['turned by a quarter', { turns: 1 }, [64, 128], bottom, top],
  ['turned by half', { turns: 2 }, [128, 64], right, left],
  ['turned by three quarters', { turns: 3 }, [64, 128], top, bottom],
  ['mirrored', { mirror: 1 }, [128, 64], right, left],
  ['turned and mirrored', { turns: 1, mirror: 0 }, [64, 128], top, bottom],
])(
  'a HEIC of tiles %s is shown upright, as before and after it was stripped',
  async (_, photo, size, red, blue) => {
    const original = makeHeic(photo)
    const stripped = applyStrip(stripHeif, original)
    expect([original.includes('Ada was here'), stripped.includes('Ada was here')]).toEqual([true, false])

    const { width, height, thumbHash, thumbnails } = await preview(stripped)
    expect([width, height]).toEqual(size)
    expect(thumbHash.length).toBeGreaterThan(8)
    const shown = thumbnails.at(-1)?.bytes ?? Buffer.alloc(0)
    expect([await colourAt(shown, red), await colourAt(shown, blue)]).toEqual(['red', 'blue'])
  },
)

test('colours that mean something else by their profile are turned into those of the web', async () => {
  const { icc } = await sharp(
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .withIccProfile('p3')
      .png()
      .toBuffer(),
  ).metadata()
  const [plain, wide] = await Promise.all(
    [makeHeic(), makeHeic({ profile: icc as Buffer })].map(async (bytes, i) => {
      const path = join(folder.path, `profile-${i}`)
      writeFileSync(path, bytes)
      const { thumbnails } = await previewHeif(path)
      return sharp(thumbnails.at(-1)?.bytes).raw().toBuffer()
    }),
  )
  expect(wide?.length).toBe(plain?.length)
  expect(wide?.equals(plain as Buffer)).toBe(false)
})

test.each<[string, () => Buffer]>([
  ['is cut off', () => makeHeic().subarray(0, -90)],
  ['holds itself', () => makeHeic({ tiles: [1, 1] })],
  ['has tiles that are not there', () => makeHeic({ tiles: [2, 77] })],
  ['claims to be 65,535 pixels wide', () => makeHeic({ size: [65_535, 65_535], grid: [256, 256] })],
  ['claims more tiles than it has', () => makeHeic({ size: [6400, 6400], grid: [100, 100] })],
  [
    'has 65,000 times the same tile',
    () => makeHeic({ size: [16_000, 16_000], grid: [250, 250], tiles: Array(62_500).fill(2) }),
  ],
  [
    'is coded otherwise',
    () => Buffer.from(makeHeic().toString('latin1').replaceAll('hvc1', 'av01'), 'latin1'),
  ],
  [
    'is larger than anyone photographs',
    () => Buffer.concat([makeHeic(), box('free', Buffer.alloc(34_000_000))]),
  ],
  ['is none', () => Buffer.from('ftyp')],
])('a HEIC that %s is refused, soon', async (_, make) => {
  const begun = performance.now()
  await expect(preview(make())).rejects.toThrow(UnreadableImage)
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('a HEIC that was changed at random is shown or refused', async () => {
  const original = makeHeic()
  for (let at = 30; at < original.length; at += 97) {
    const changed = Buffer.from(original)
    changed[at] = (changed[at] ?? 0) ^ 0xff
    const result = await preview(changed).catch((error: unknown) => error)
    if (result instanceof Error) expect(result).toBeInstanceOf(UnreadableImage)
  }
})

test('a pixel of a smaller picture is the mean of a square', () => {
  const data = new Uint8Array(4 * 20).map((_, i) => (i % 4 === 3 ? 255 : 10 * Math.floor(i / 4)))
  const { pixels, shrunkWidth, shrunkHeight } = shrinkPixels({ data, stride: 20, width: 5, height: 4 }, 2)

  expect([shrunkWidth, shrunkHeight]).toEqual([2, 2])
  expect([...pixels.subarray(0, 4)]).toEqual([30, 30, 30, 255])
  expect(shrinkPixels({ data, stride: 20, width: 5, height: 1 }, 3).pixels.length).toBe(4)
})
