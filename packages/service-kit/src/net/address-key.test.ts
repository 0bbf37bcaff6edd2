import { expect, test } from 'vitest'
import { addressKey } from './address-key.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::/64'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

test('all addresses of one /64 are one, the next /64 is another', () => {
  expect(addressKey('2001:db8::1')).toBe(addressKey('2001:db8::ffff:ffff:ffff:ffff'))
  expect(addressKey('2001:db8:0:1::1')).not.toBe(addressKey('2001:db8::1'))
})

test.each(['', 'unknown', '192.0.2.7:80'])('%j is no address, and stays as it is', (text) => {
  expect(addressKey(text)).toBe(text)
})
