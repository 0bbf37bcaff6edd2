import { gzipSync } from 'node:zlib'
import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import type { Attack } from './attack.ts'
import { openConnection } from './open-connection.ts'
import { expectRefused, type Target } from './target.ts'

const json = { 'content-type': 'application/json' }
const kibibyte = 1024

/** Sends these bytes as the text of a message to Ada's and Grace's conversation would be sent. */
const post = (
  { ask, chat, ada }: Target,
  bytes: string | Uint8Array,
  headers: Record<string, string> = json,
) => ask(`POST /v1/conversations/${chat}/messages`, { token: ada.token, bytes, headers })

const sized = (size: number) => {
  const text = JSON.stringify({ id: newId(), text: 'x', rest: '' })
  return text.replace('"rest":""', `"rest":"${'y'.repeat(size - text.length)}"`)
}

/** What requests carry. */
export const bodyAttacks: Attack[] = [
  {
    holds: 'what is no JSON object in UTF-8 is refused as invalid',
    reference: 'ASVS 1.5.2, ASVS 2.2.1',
    async run(target) {
      const broken = [
        '{',
        '{"id":}',
        'x',
        "{'id':'x'}",
        '{"a":1,}',
        '[1',
        '"',
        'NaN',
        '{"a":1}{"a":2}',
        '\uFEFF{',
      ]
      const wrong = ['null', '[]', '"x"', '1', 'true', '[{}]', '{}']
      for (const text of [...broken, ...wrong]) expectRefused(await post(target, text), 'validation_failed')
      const invalid = [
        Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
        Buffer.from('{"text":"\xc0\xaf"}', 'latin1'),
        Buffer.from('{"id":"x"}', 'utf16le'),
      ]
      for (const bytes of invalid) expectRefused(await post(target, bytes), 'validation_failed')
    },
  },
  {
    holds: 'a body is JSON by its type, unpacked, and nothing that a form could send',
    reference: 'ASVS 3.5.2, ASVS 5.2.3, API8:2023',
    async run(target) {
      const text = JSON.stringify({ id: newId(), text: 'Sent by a form' })
      const types = [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'application/xml',
        '',
      ]
      for (const type of types) {
        const reply = await post(target, text, { 'content-type': type })
        expectRefused(reply, 'unsupported_media_type')
      }
      for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
        const headers = { ...json, 'content-encoding': encoding }
        expectRefused(await post(target, gzipSync(text), headers), 'unsupported_media_type')
      }
      const bomb = gzipSync(Buffer.alloc(50 * kibibyte * kibibyte, 0x20))
      expectRefused(
        await post(target, bomb, { ...json, 'content-encoding': 'gzip' }),
        'unsupported_media_type',
      )
    },
  },
  {
    holds: 'a body is at most 256 KiB, whether its length is told or not',
    reference: 'API4:2023, ASVS 2.2.1',
    async run(target) {
      expect((await post(target, sized(256 * kibibyte))).status).toBe(201)
      expectRefused(await post(target, sized(256 * kibibyte + 1)), 'payload_too_large')
      using connection = await openConnection(target.url)
      const head = `POST /v1/conversations/${target.chat}/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${target.ada.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
      const text = sized(256 * kibibyte + 1)
      connection.write(`${head}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`)
      expect(await connection.answer()).toMatch(/^HTTP\/1\.1 413 /)
    },
  },
  {
    holds: 'a hundred thousand brackets and as many keys are only invalid, and quickly so',
    reference: 'API4:2023, ASVS 15.2.2',
    async run(target) {
      const deep = 100_000
      const nested = [
        '['.repeat(deep) + ']'.repeat(deep),
        `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
        `{"id":"${newId()}","text":${'['.repeat(deep)}${']'.repeat(deep)}}`,
        `{"messages":[${'[],'.repeat(60_000)}[]]}`,
        `{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":0`).join(',')}}`,
      ]
      for (const text of nested) expectRefused(await post(target, text), 'validation_failed')
      const { ada, ask } = target
      const batch = { messages: Array.from({ length: 101 }, () => ({})) }
      expectRefused(await ask('POST /v1/messages', { token: ada.token, body: batch }), 'validation_failed')
      const ids = { userIds: Array.from({ length: 6_000 }, () => newId()), kind: 'group', title: 'All' }
      expectRefused(await ask('POST /v1/conversations', { token: ada.token, body: ids }), 'validation_failed')
    },
  },
  {
    holds: 'bodies that never end keep nobody else waiting',
    reference: 'API4:2023, ASVS 15.2.2',
    async run(target) {
      const head = `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`
      const slow = await Promise.all(Array.from({ length: 100 }, () => openConnection(target.url)))
      try {
        for (const connection of slow) connection.write(head)
        const { status } = await target.ask('GET /v1/users/me', { token: target.ada.token })
        expect(status).toBe(200)
      } finally {
        for (const connection of slow) connection[Symbol.dispose]()
      }
    },
  },
]
