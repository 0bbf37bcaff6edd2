import { expect, test } from 'vitest'
import { toFileName, withFittingEnding } from './file-name.ts'

test.each([
  ['photo.jpg', 'photo.jpg'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\ada\\cv.pdf', 'cv.pdf'],
  ['a/b/..', 'file'],
  ['...', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['x.txt\r\nSet-Cookie: a=b', 'x.txtSet-Cookie: a=b'],
  ['a\0b.png', 'ab.png'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['\u2066\u200Bhidden\uFEFF.txt', 'hidden.txt'],
  ['two\t words.txt', 'two words.txt'],
  ['caf\u0065\u0301.txt', 'café.txt'],
  ['👩‍👩‍👧.png', '👩‍👩‍👧.png'],
  ['half \uD83D.png', 'half �.png'],
  ['.bashrc', '.bashrc'],
  ['"quoted"; filename=x.html', '"quoted"; filename=x.html'],
])('%j becomes %j', (given, name) => {
  expect(toFileName(given)).toBe(name)
})

test('a long name is cut before its ending', () => {
  const name = toFileName(`${'é'.repeat(5000)}.tar.gz`)

  expect([...name]).toHaveLength(160)
  expect(name).toMatch(/é\.gz$/)
  expect([...toFileName('x'.repeat(10_000))]).toHaveLength(160)
  expect([...toFileName(`a.${'x'.repeat(300)}`)]).toHaveLength(160)
})

test.each([
  ['evil.html', 'image/jpeg', 'evil.html.jpg'],
  ['photo.avif', 'image/webp', 'photo.webp'],
  ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
  ['photo.png', 'image/jpeg', 'photo.jpg'],
  ['photo', 'image/png', 'photo.png'],
  ['.png', 'image/png', '.png.png'],
  ['song.exe', 'audio/mpeg', 'song.exe.mp3'],
  ['page.html', 'text/plain', 'page.html'],
  ['report.pdf.exe', 'application/octet-stream', 'report.pdf.exe'],
])('%s that is %s becomes %s', (name, type, fitting) => {
  expect(withFittingEnding(name, type)).toBe(fitting)
})
