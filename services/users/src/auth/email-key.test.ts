import { expect, test } from 'vitest'
import { emailKey } from './email-key.ts'

test.each([
  ['Ada@Example.org', 'ada@example.org'],
  ['user@MÜLLER.example', 'user@xn--mller-kva.example'],
  ['user@XN--MLLER-KVA.example', 'user@müller.example'],
  ['user@mu\u0308ller.example', 'user@müller.example'],
  ['JÜRGEN@example.com', 'jürgen@example.com'],
  ['ju\u0308rgen@example.com', 'jürgen@example.com'],
  ['用户@例子。广告', '用户@xn--fsqu00a.xn--4rr70v'],
  ['ＡＤＡ＠ｅｘａｍｐｌｅ．ｏｒｇ', 'ada@example.org'],
  ['अजय@डाटा.भारत', 'अजय@xn--c2bd1gb.xn--h2brj9c'],
  ['ΟΔΥΣΣΕΥΣ@παράδειγμα.ελ', 'οδυσσευς@παράδειγμα.ελ'],
  ['οδυσσευσ@example.gr', 'οδυσσευς@example.gr'],
  ['İbrahim@example.com.tr', 'i\u0307brahim@example.com.tr'],
  ['x@faß.example', 'x@xn--fa-hia.example'],
  [' ada@example.org\u200B', 'ada@example.org'],
])('%s and %s are one address', (one, other) => {
  expect(emailKey(one)).toBe(emailKey(other))
})

test.each([
  ['straße@example.org', 'strasse@example.org'],
  ['x@faß.example', 'x@fass.example'],
  ['jurgen@example.com', 'jürgen@example.com'],
  ['user@muller.example', 'user@müller.example'],
  ['ıbrahim@example.com', 'ibrahim@example.com'],
  ['аda@example.org', 'ada@example.org'],
  ['a.da@example.org', 'ada@example.org'],
  ['x@πας.example', 'x@πασ.example'],
  // A path or a port is no part of a domain, whatever a parser of URLs makes of it.
  ['ada@example.org/x', 'ada@example.org'],
  ['ada@exa%6Dple.org', 'ada@example.org'],
])('%s and %s are two', (one, other) => {
  expect(emailKey(one)).not.toBe(emailKey(other))
})

test('a key is its own key, and the same as before for addresses of ASCII', () => {
  const addresses = ['a.b+c@xn--mller-kva.example', "o'brien@example.ie", 'x@0x7f.example', 'x@xn--a.example']
  for (const address of addresses) expect(emailKey(address)).toBe(address)
  expect(emailKey('Some_Name')).toBe('some_name')
})
