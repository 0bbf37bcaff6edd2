import { expect, test } from 'vitest'
import { sniffType } from './sniff-type.ts'

const webm = Buffer.concat([
  Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581', 'hex'),
  Buffer.alloc(64),
])

test.each([
  ['a page', '<!doctype html><script>alert(1)</script>', 'text/plain'],
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'text/plain'],
  [
    'an SVG with a declaration',
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    'text/plain',
  ],
  ['a script', 'alert(document.cookie)', 'text/plain'],
  ['words', 'žluťoučký kůň', 'text/plain'],
  ['nothing', '', 'text/plain'],
  ['a PDF', '%PDF-1.7\n', 'application/pdf'],
  ['a program', '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0', 'application/x-elf'],
  ['bytes', '\0\x01\x02', 'application/octet-stream'],
])('%s is %s', async (_, text, type) => {
  expect(await sniffType(Buffer.from(text), 'image/png')).toBe(type)
})

test('text that is cut in the middle of a character is text still', async () => {
  expect(await sniffType(Buffer.from('ůů').subarray(0, 3), null)).toBe('text/plain')
})

test('what the sender says decides only between sound and film', async () => {
  expect(await sniffType(webm, null)).toBe('video/webm')
  expect(await sniffType(webm, 'audio/webm')).toBe('audio/webm')
  expect(await sniffType(webm, 'text/html')).toBe('video/webm')
  expect(await sniffType(webm, 'audio/mpeg')).toBe('video/webm')
})
