import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { picture } from '../authorization/environment/picture.ts'
import { beginning, beginUpload, chunk, tus, upload } from '../authorization/environment/upload.ts'
import type { Attack } from './attack.ts'
import { expectRefused, type Target } from './target.ts'

/**
 * Uploads these bytes as Ada under a name and a type of their choosing; the id, or the refusal's
 * status.
 */
async function send({ ask, ada }: Target, bytes: Uint8Array | string, name: string, type = 'image/png') {
  const { token } = ada
  const size = Buffer.byteLength(bytes)
  const metadata = `${beginning(name, size)['upload-metadata']},filetype ${Buffer.from(type).toString('base64')}`
  const headers = { ...beginning(name, size), 'upload-metadata': metadata }
  const begun = await ask('POST /v1/uploads', { token, headers })
  if (begun.status !== 201) return { status: begun.status, id: '' }
  const id = begun.headers.get('location')?.split('/').at(-1) ?? ''
  const { status } = await ask(`PATCH /v1/uploads/${id}`, { token, headers: chunk(), bytes })
  return { status, id }
}

const pages = {
  'a page': '<!doctype html><html><script>alert(1)</script></html>',
  'a drawing': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
  'a script': 'alert(1)',
  'a document': '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  'a picture that is also a page': `GIF89a/*<html><script>alert(1)</script>*/=1;`,
}

/** Files. */
export const uploadAttacks: Attack[] = [
  {
    holds: 'whatever a file says it is, it opens no page and runs no script here',
    reference: 'ASVS 5.2.2, ASVS 3.2.1, ASVS 5.3.1',
    async run(target) {
      for (const [what, bytes] of Object.entries(pages)) {
        for (const type of ['image/png', 'text/html', 'image/svg+xml', 'text/html; charset=x\r\nX-A: b']) {
          const { status, id } = await send(target, bytes, 'picture.png', type)
          if (status !== 204) continue
          const { headers } = await target.ask(`GET /v1/attachments/${id}`, { token: target.ada.token })
          const served = headers.get('content-type') ?? ''
          expect([what, served]).toEqual([what, expect.not.stringMatching(/html|svg|xml|javascript/)])
          expect(headers.get('x-content-type-options')).toBe('nosniff')
          expect(headers.get('content-security-policy')).toMatch(/sandbox|default-src 'none'/)
          expect(headers.get('content-disposition')).toMatch(/^attachment/)
        }
      }
    },
  },
  {
    holds: 'the name of a file is a label: no path, no header, nothing that turns it around',
    reference: 'ASVS 5.3.2, ASVS 5.4.1, ASVS 5.4.2',
    async run(target) {
      const names = [
        '../../../etc/passwd',
        '..\\..\\windows\\win.ini',
        '/etc/passwd',
        'a"; filename="evil.html',
        'a\r\nSet-Cookie: x=1',
        '\u202Egpj.exe',
        'a\0.png',
        '',
        '.',
        'CON',
        'é'.repeat(300),
        '\uFFFD',
      ]
      for (const name of names) {
        const { status, id } = await send(target, picture.bytes, name)
        expect([201, 204, 400]).toContain(status)
        if (status !== 204) continue
        const { headers } = await target.ask(`GET /v1/attachments/${id}`, { token: target.ada.token })
        const disposition = headers.get('content-disposition') ?? ''
        expect(disposition).not.toMatch(/\.\.[/\\]|etc\/passwd"|evil\.html"$/)
        expect(headers.get('set-cookie')).toBeNull()
        const info = await target.ask(`GET /v1/attachments/${id}/info`, { token: target.ada.token })
        const { name: kept } = info.body as { name: string }
        expect(kept).not.toMatch(/[/\\\r\n\0\u202E]/)
        expect(kept).not.toBe('')
      }
    },
  },
  {
    holds: 'a file is as long as it was said to be, and no longer than a file may be',
    reference: 'ASVS 5.2.1, API4:2023',
    async run({ ask, ada }) {
      const { token } = ada
      const begin = (length: string) =>
        ask('POST /v1/uploads', { token, headers: { ...beginning('x'), 'upload-length': length } })
      expectRefused(await begin(String(200 * 1024 ** 2)), 'payload_too_large')
      for (const length of ['-1', '1e9', '0x10', '9'.repeat(30), 'x', '1.5', '']) {
        const { status } = await begin(length)
        expect([400, 413]).toContain(status)
      }
      const { headers } = await begin('10')
      const id = headers.get('location')?.split('/').at(-1)
      const over = await ask(`PATCH /v1/uploads/${id}`, { token, headers: chunk(), bytes: 'x'.repeat(11) })
      expect([400, 413]).toContain(over.status)
      for (const offset of [5, -1, 1e12]) {
        const skipped = await ask(`PATCH /v1/uploads/${id}`, { token, headers: chunk(offset), bytes: 'x' })
        expect([400, 409]).toContain(skipped.status)
      }
    },
  },
  {
    holds: 'no header makes one method of an upload another, and no upload is reached by another’s path',
    reference: 'ASVS 4.1.4, API1:2023',
    async run({ url, ask, ada, mallory }) {
      const id = await beginUpload(url, { token: ada.token, name: 'mine' })
      for (const method of ['DELETE', 'PATCH', 'HEAD', 'GET']) {
        const headers = { ...chunk(), 'x-http-method-override': method }
        for (const path of ['/v1/uploads', `/v1/uploads/${id}`]) {
          const { status } = await ask(`POST ${path}`, { token: mallory.token, headers, bytes: 'x' })
          expect([method, path, status >= 400]).toEqual([method, path, true])
        }
      }
      for (const path of [
        `${newId()}/../${id}`,
        `..%2f${id}`,
        `${id}.json`,
        `${id}.info`,
        encodeURIComponent(`${id}\0`),
      ]) {
        const { status } = await ask(`HEAD /v1/uploads/${path}`, { token: mallory.token, headers: tus })
        expect([path, [400, 404].includes(status)]).toEqual([path, true])
      }
      expect((await ask(`HEAD /v1/uploads/${id}`, { token: ada.token, headers: tus })).status).toBe(200)
    },
  },
  {
    holds: 'nobody sends, forwards or names a file of somebody else’s',
    reference: 'API1:2023, ASVS 8.2.2',
    async run({ url, ask, ada, mallory }) {
      const id = await upload(url, { token: ada.token, name: 'mine.png' })
      const group = { kind: 'group', title: 'Mine', userIds: [] }
      const { body } = await ask('POST /v1/conversations', { token: mallory.token, body: group })
      const path = `/v1/conversations/${(body as { id: string }).id}/messages`
      for (const attachmentIds of [
        [id],
        [newId()],
        [id, id],
        ['x'],
        Array.from({ length: 11 }, () => newId()),
      ]) {
        const message = { id: newId(), text: 'Look', attachmentIds }
        expectRefused(await ask(`POST ${path}`, { token: mallory.token, body: message }), 'validation_failed')
      }
      expectRefused(await ask(`GET /v1/attachments/${id}`, { token: mallory.token }), 'not_found')
    },
  },
]
