import { expect, test } from 'vitest'
import { sameOriginPath } from './same-origin-path.ts'

test.each(['/', '/c/0197', '/c/0197/details', '/invite/aB3_-x', '/new', '/c/%E2%82%AC?a=b&c'])(
  'a place of this app stays as it is: %s',
  (path) => expect(sameOriginPath(path)).toBe(path),
)

test.each([
  ['//evil.example/c/1', '/evil.example/c/1'],
  ['/\\evil.example', '/evil.example'],
  ['\\\\evil.example', '/evil.example'],
  ['///evil.example', '/evil.example'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['c/1', '/'],
  ['', '/'],
  [null, '/'],
  [`/${'a'.repeat(3000)}`, '/'],
])('a path that could leave the app becomes /: %j', (path, wanted) => {
  expect(sameOriginPath(path)).toBe(wanted)
  const origin = 'https://chat.example'
  expect(new URL(sameOriginPath(path), origin).origin).toBe(origin)
})
