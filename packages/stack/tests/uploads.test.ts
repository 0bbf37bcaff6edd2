import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { type Stack, startStack } from '../src/start-stack.ts'
import { makeDataDirectory } from './make-data-directory.ts'

const configFor = (directory: string) =>
  readConfig({
    PATH: process.env['PATH'],
    PORT: '0',
    FINNIGRAM_HOME: directory,
    FINNIGRAM_WEB: 'off',
    MESSAGES_NODES: '2',
  })

test('a file goes through the gateway in chunks, past a node that was killed, and comes back in whole or in part', {
  timeout: 60_000,
}, async () => {
  await using directory = await makeDataDirectory()
  await using stack = await startStack(configFor(directory.path))
  const call = await signIn(stack)
  const bytes = randomBytes(5_000_000)
  const described = await call('OPTIONS', '/v1/uploads')
  expect([described.status, described.headers.get('tus-version')]).toEqual([204, '1.0.0'])
  const begun = await call('POST', '/v1/uploads', { headers: { 'upload-length': String(bytes.length) } })
  const location = begun.headers.get('location') ?? ''
  expect(location).toMatch(/^\/v1\/uploads\/[0-9a-f-]{36}$/)

  const size = 1_000_000
  for (let offset = 0; offset < bytes.length; offset += size) {
    if (offset === 2 * size) await stack.kill('messages', 1)
    const answer = await call('PATCH', location, {
      headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: bytes.subarray(offset, offset + size),
    })
    expect(answer.status).toBe(204)
  }
  const asked = await call('HEAD', location)
  expect([asked.status, asked.headers.get('upload-offset')]).toEqual([200, String(bytes.length)])

  const path = location.replace('uploads', 'attachments')
  const whole = await call('GET', path)
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  const part = await call('GET', path, { headers: { range: 'bytes=4999990-' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 4999990-4999999/5000000'])
  const head = await call('HEAD', path)
  expect(head.headers.get('content-length')).toBe('5000000')
  expect((await call('DELETE', location)).status).toBe(204)
  expect((await call('GET', path)).status).toBe(404)
})

/** Calls as the first of the two people, in tus's protocol. */
async function signIn({ url, people }: Stack) {
  const [ada] = people
  const answer = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: ada?.username, password: ada?.password }),
  })
  const { accessToken } = (await answer.json()) as { accessToken: string }
  return (
    method: string,
    path: string,
    { headers, ...rest }: { headers?: Record<string, string>; body?: Uint8Array } = {},
  ) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'tus-resumable': '1.0.0', ...headers },
      ...rest,
    })
}
