import { expect, test } from 'vitest'
import { isPublicHost } from './is-public-host.ts'

const hostOf = (host: string) => new URL(`https://${host}/`).hostname

test.each([
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '8.8.8.8',
  '[2606:4700::1111]',
  'münchen.de',
])('%s may be public', (host) => {
  expect(isPublicHost(hostOf(host))).toBe(true)
})

test.each([
  'localhost',
  'LOCALHOST.',
  'x.localhost',
  'redis',
  'metadata.google.internal',
  'printer.local',
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '１２７.0.0.1',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::7f00:1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[2001::1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
])('%s is not', (host) => {
  expect(isPublicHost(hostOf(host))).toBe(false)
})
