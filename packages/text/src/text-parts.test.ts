import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { findTextParts } from './text-parts.ts'

afterEach(() => vi.restoreAllMocks())

const partsOf = (type: 'link' | 'mention', text: string) =>
  findTextParts(text).flatMap((part) => (part.type === type ? text.slice(part.start, part.end) : []))
const links = (text: string) => partsOf('link', text)
const mentions = (text: string) => partsOf('mention', text)

test('addresses with a scheme are links, whatever their host', () => {
  for (const link of [
    'https://example.com',
    'HTTP://EXAMPLE.COM/Path?q=1&r=%20#part',
    'http://localhost:8080/x',
    'https://müller.example/straße',
    'https://例え.jp',
    'https://en.wikipedia.org/wiki/Bracket_(mathematics)',
    'https://user.example/@name',
    'http://10.0.0.1:3000',
  ]) {
    expect(links(link)).toEqual([link])
    expect(links(`(${link}), "${link}"… see ${link}.`)).toEqual([link, link, link])
  }
})

test('domains without a scheme are links when their ending is known or they begin with www', () => {
  expect(links('see example.com, docs.example.org/a?b and WWW.Example.Museum!')).toEqual([
    'example.com',
    'docs.example.org/a?b',
    'WWW.Example.Museum',
  ])
  expect(findTextParts('example.com')).toEqual([
    { type: 'link', start: 0, end: 11, url: 'https://example.com' },
  ])
  for (const text of [
    'file.txt',
    'readme.md',
    'node.js',
    'e.g. this',
    'well.it is',
    '3.14',
    'v1.2.3',
    'a..com',
    'www.com',
  ]) {
    expect(links(text)).toEqual([])
  }
})

test('what only looks like a link is none', () => {
  for (const text of [
    'someone@example.com',
    'first.last@mail.example.com',
    'https://paypal.com@evil.com',
    'https://paypal.com:80@evil.com',
    'https://paypal.com:secret@evil.com',
    'javascript:alert(1)//x',
    'ftp://example.com',
    'xhttp://',
    'http://',
    'http:///path',
    'https://-x.com',
    'foo_example.com',
    'C:\\example.com',
  ]) {
    expect([text, links(text)]).toEqual([text, []])
  }
})

test('a link ends where the sentence goes on', () => {
  expect(links('(https://a.example/b)')).toEqual(['https://a.example/b'])
  expect(links('https://a.example/b). Then')).toEqual(['https://a.example/b'])
  expect(links('见https://a.example/b。谢谢')).toEqual(['https://a.example/b'])
  expect(links('https://a.example/b\u202Ecod.exe')).toEqual(['https://a.example/b'])
  expect(links('https://a.example: here')).toEqual(['https://a.example'])
  expect(links('<https://a.example/x>')).toEqual(['https://a.example/x'])
})

test('people are named by an @ that begins a word', () => {
  expect(mentions('@bob, (@Carol_1) and "@d.e.f"? cc:@all.')).toEqual(['@bob', '@Carol_1', '@d.e.f', '@all'])
  expect(findTextParts('hi @Bob')).toEqual([{ type: 'mention', start: 3, end: 7, username: 'bob' }])
  expect(mentions('你好@bob你好 @bob님')).toEqual(['@bob', '@bob'])
  expect(mentions('\u{1F600}@bob\u{1F600}')).toEqual(['@bob'])
})

test('an @ inside a word, an address or another name names nobody', () => {
  for (const text of [
    'bob@example.com',
    'été@bob',
    'x.@bob',
    '@bob@example.social',
    'https://medium.com/@bob',
    '@@bob',
    '@bo',
    '@',
    `@${'b'.repeat(33)}`,
    '@bobé',
    '@bob\u0301',
    'a+@bob',
  ]) {
    expect([text, mentions(text)]).toEqual([text, []])
  }
})

test('parts are in order, do not overlap and never cut a character in two', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '@bob',
      '@',
      'http://',
      'https://',
      'www.',
      'example.com',
      '.',
      '/',
      '(',
      ')',
      ' ',
      ':',
      '-',
      '_',
      '\u{1D49C}',
      'é',
      '好',
      '\uD800',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      let last = 0
      for (const { start, end } of findTextParts(text)) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(end).toBeGreaterThan(start)
        expect(end).toBeLessThanOrEqual(text.length)
        if (text.isWellFormed()) expect(text.slice(start, end).isWellFormed()).toBe(true)
        last = end
      }
    }),
    { numRuns: 2_000 },
  )
})

test('no text makes the work grow faster than its length', () => {
  const patterns = [
    'a',
    '.',
    '-',
    '@',
    '/',
    ':',
    '(',
    ')',
    'a.',
    '@a',
    '@aaa.',
    'http://',
    'http:/',
    'https://a',
    'http://a.b(',
    'http://a.b)',
    'http://a.b/)',
    'http://a.b/(',
    'http://a.b/...',
    'www.',
    'www.a.com',
    'a.com',
    'a.com:',
    'a.com@',
    'http://a:',
    'http://a@',
    'http://é',
    'é',
    '\u{1D49C}',
    'a-',
    '1.',
    '@bob@',
    '_a.com',
    'http://a.b/\u0301',
  ]
  for (const pattern of patterns) {
    for (const [before, after] of [
      ['', ''],
      ['http://a.b/', '@'],
      ['http://', ''],
      ['@', ' '],
      ['www.a', '.com'],
    ] as const) {
      expect([pattern, before, looksAt(`${before}${pattern.repeat(8000 / pattern.length)}${after}`)]).toEqual(
        [pattern, before, expect.toSatisfy((looks: number) => looks <= 12 * 8_020)],
      )
    }
  }
})

/** How often a character of the text is looked at. */
function looksAt(text: string): number {
  const spies = [vi.spyOn(String.prototype, 'charCodeAt'), vi.spyOn(String.prototype, 'codePointAt')]
  findTextParts(text)
  const looks = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  for (const spy of spies) spy.mockRestore()
  return looks
}
