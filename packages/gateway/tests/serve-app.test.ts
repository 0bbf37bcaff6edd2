import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../src/start-gateway.ts'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

const script = '/_expo/static/js/entry-0123456789abcdef0123456789abcdef.js'
let environment: TestGateway

beforeAll(async () => {
  environment = await startGatewayForTest()
})
afterAll(() => environment?.[Symbol.asyncDispose]())

test('every page of the app is index.html, revalidated each time; a missing file is 404', async () => {
  const [home, chat, missing] = await Promise.all(
    ['/', '/chat/0199', '/logo.png'].map((path) => fetch(environment.url + path)),
  )
  expect(home?.headers.get('content-type')).toMatch(/text\/html/)
  expect(await chat?.text()).toBe(await home?.text())
  expect(missing?.status).toBe(404)
  const etag = home?.headers.get('etag') ?? ''
  expect(home?.headers.get('cache-control')).toBe('no-cache')
  const again = await fetch(environment.url, {
    headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
  })
  expect(again.status).toBe(304)
})

test('a file with a hash in its name is cached for a year and sent compressed', async () => {
  const answer = await fetch(environment.url + script, { headers: { 'accept-encoding': 'br' } })
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(answer.headers.get('content-encoding')).toBe('br')
  expect(await answer.text()).toMatch(/^\/\/ [0-9a-f]+$/)
})

test('pages run only our scripts and are never framed', async () => {
  const { headers } = await fetch(environment.url)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("script-src 'self';")
  const { host } = new URL(environment.url)
  expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
})

test('the descriptions and the reference name this server', async () => {
  const openApi = (await (await fetch(`${environment.url}/v1/openapi.json`)).json()) as { servers: unknown }
  expect(openApi.servers).toEqual([{ url: environment.url }])
  const asyncApi = (await (await fetch(`${environment.url}/v1/asyncapi.json`)).json()) as { servers: object }
  expect(JSON.stringify(asyncApi.servers)).toContain(new URL(environment.url).host)
  const page = await (await fetch(`${environment.url}/v1/docs`)).text()
  for (const word of [
    '/v1/auth/register',
    '/v1/sync',
    'id="server.ready"',
    'id="problem-gone"',
    'id="schema-Message"',
  ]) {
    expect(page).toContain(word)
  }
  expect(page).not.toMatch(/<script|undefined|\[object/)
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor)
  for (const anchor of anchors) expect(page).toContain(`id="${anchor}"`)
})

test('a problem’s type leads to its explanation', async () => {
  const answer = await fetch(`${environment.url}/problems/not_found`, { redirect: 'manual' })
  expect(answer.headers.get('location')).toBe('/v1/docs#problem-not_found')
})

test('during the start, pages say so and calls get Retry-After', async () => {
  await using gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false })
  const page = await fetch(gateway.url)
  expect(page.status).toBe(503)
  expect(await page.text()).toContain('Finnigram is starting')
  const call = await fetch(`${gateway.url}/v1/users/me`)
  expect(call.headers.get('retry-after')).toBe('1')
  gateway.showNotice({ title: 'No app', text: 'Because.', isPassing: false })
  expect(await (await fetch(gateway.url)).text()).toContain('No app')
})
