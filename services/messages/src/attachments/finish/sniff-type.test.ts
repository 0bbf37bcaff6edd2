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

test('the claimed type decides only between audio and video', async () => {
  expect(await sniffType(webm, null)).toBe('video/webm')
  expect(await sniffType(webm, 'audio/webm')).toBe('audio/webm')
  expect(await sniffType(webm, 'text/html')).toBe('video/webm')
  expect(await sniffType(webm, 'audio/mpeg')).toBe('video/webm')
})

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const utf16 = (text: string, isBig = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}
const long = (bytes: Buffer) => Buffer.concat(Array.from({ length: 10 }, () => bytes))
const unknown = 'text/plain; charset=unknown-8bit'
const binary = 'application/octet-stream'

test.each<[string, Buffer, string]>([
  ['UTF-8', Buffer.from('Grüße, 世界'), 'text/plain'],
  ['UTF-8 with a mark', Buffer.from('\ufeffGrüße'), 'text/plain'],
  ['ASCII', Buffer.from('hello'), 'text/plain'],
  ['a CSV', Buffer.from('name;ort\r\nAda;London\r\n'), 'text/plain'],
  ['a CSV of Excel with a mark', Buffer.from('\ufeffname,ort\r\n"Ada","Köln"'), 'text/plain'],
  ['JSON', Buffer.from('{"a":[1,2,"ü"]}'), 'text/plain'],
  ['a log', Buffer.from('2026-11-30T10:00:00Z INFO started\n'), 'text/plain'],
  ['a log with colours', Buffer.from('\u001b[1;31mERROR\u001b[0m it broke\n'), 'text/plain'],
  ['a text with form feeds', Buffer.from('one\ftwo'), 'text/plain'],
  ['source code', Buffer.from('#!/bin/sh\necho hi'), 'text/plain'],
  ['Markdown', Buffer.from('# Title\n\n- one'), 'text/plain'],
  ['subtitles', Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHi'), 'text/plain'],
  [
    'a page in UTF-8 with a mark',
    Buffer.from('\ufeff<!doctype html><script>alert(1)</script>'),
    'text/plain',
  ],
  ['an SVG in capitals', Buffer.from('<SVG onload="alert(1)">'), 'text/plain'],
  ['UTF-16 LE', utf16('Grüße'), 'text/plain; charset=utf-16le'],
  ['UTF-16 BE', utf16('Grüße', true), 'text/plain; charset=utf-16be'],
  ['UTF-16 LE with 世界', utf16('世界 🎉'), 'text/plain; charset=utf-16le'],
  ['a CSV in UTF-16', utf16('a\tb\r\n'), 'text/plain; charset=utf-16le'],
  ['a page in UTF-16', utf16('<script>alert(1)</script>'), 'text/plain; charset=utf-16le'],
  ['only the mark of UTF-16', utf16(''), 'text/plain; charset=utf-16le'],
  ['UTF-16 that is cut in a character', utf16('🎉').subarray(0, 5), 'text/plain; charset=utf-16le'],
  ['UTF-16 with a lone half', bytesOf('fffe 00d8 4100'), binary],
  ['UTF-16 with controls', bytesOf('fffe 0100 0200'), binary],
  ['UTF-16 without a mark', utf16('hello').subarray(2), binary],
  ['Latin-1', Buffer.from('Gr\xfc\xdfe aus K\xf6ln', 'latin1'), unknown],
  ['windows-1252', Buffer.from('\x93quoted\x94 \x96 10 \x80', 'latin1'), unknown],
  ['windows-1250', Buffer.from('P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd k\xf9\xf2', 'latin1'), unknown],
  ['a CSV in Latin-1', Buffer.from('name;ort\r\nJ\xfcrgen;M\xfcnchen\r\n', 'latin1'), unknown],
  ['a page in Latin-1', Buffer.from('<script>alert("\xfc")</script>', 'latin1'), unknown],
  ['KOI8-R', long(bytesOf('f0d2c9d7c5d4 2c 20 cdc9d2 0a')), unknown],
  ['windows-1251', long(bytesOf('cff0e8e2e5f2 2c 20 ece8f0 0a')), unknown],
  ['Shift_JIS', long(bytesOf('93fa967b8cea 0d0a')), unknown],
  ['EUC-JP', long(bytesOf('c6fccbdcb8ec 0a')), unknown],
  ['EUC-KR', long(bytesOf('c7d1b1b9bef0 0a')), unknown],
  ['GB18030', long(bytesOf('d6d0b9fac8cb 0a')), unknown],
  ['Big5', long(bytesOf('a4a4a4e5 0a a4a4a4e5')), unknown],
  ['windows-1256', long(bytesOf('c7e1d3e1c7e3 20 dae1edbfe3 0a')), unknown],
  ['windows-874', long(bytesOf('cac7d1cab4d5 0a')), unknown],
  ['ISO-2022-JP', bytesOf('1b2442 467c4b5c386c 1b2842 0a'), 'text/plain; charset=iso-2022-jp'],
  ['UTF-8 that breaks later', Buffer.concat([Buffer.from('ok '.repeat(30)), bytesOf('c3 28')]), unknown],
  ['Latin-1 with a NUL', Buffer.from('Gr\xfc\xdfe\0', 'latin1'), binary],
  ['a few bytes of anything', bytesOf('e1 f2 a3 94 b5'), binary],
  ['bytes of a program', bytesOf('e8 00 00 00 00 5d c3 90'.padEnd(200, ' 90')), binary],
  ['a lone escape', Buffer.from('a\u001bZ\u0007'), binary],
])('%s is told by its bytes', async (_, bytes, type) => {
  expect(await sniffType(bytes, 'text/html')).toBe(type)
})
