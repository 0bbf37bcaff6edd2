import { messagesApi, newId, type RouteContract, usersApi } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import type { Environment } from './environment/environment.ts'

const isInternal = (value: unknown): value is RouteContract =>
  typeof value === 'object' && value !== null && 'auth' in value && value.auth === 'internal'

const internalRoutes = Object.entries({ users: usersApi, messages: messagesApi }).flatMap(([service, api]) =>
  Object.values<unknown>(api)
    .filter(isInternal)
    .map(({ method, path }) => ({ service, request: `${method} ${path.replace(/:\w+/g, newId())}` })),
)

const body = (request: string) => (request.startsWith('POST') ? { body: {} } : {})

/** Ways to spell an internal path that a proxy and a service might read differently. */
const spellings = (path: string) => [
  path,
  `/v1/..${path}`,
  `/v1/%2e%2e${path}`,
  `/v1/auth/..%2f..${path}`,
  `/${path}`,
  path.replace('/internal', '/INTERNAL'),
  path.replace('/internal', '/%69nternal'),
  path.replace('/internal', '/internal;x=1'),
  `/v1/users/..;${path}`,
]

/**
 * What services ask each other is for them alone: not at the public address, and not without the
 * token at their own.
 */
export function testInternalRoutes(environment: () => Environment): void {
  test.each(internalRoutes)('$request is not at the public address', async ({ request }) => {
    const [method = '', path = ''] = request.split(' ')
    const headers = { 'x-internal-token': 'guessed' }
    for (const spelling of spellings(path)) {
      const { status, text } = await ask(environment().url, `${method} ${spelling}`, {
        ...body(request),
        headers,
      })
      // With no app built, the page that says so stands at every address of the app.
      expect([spelling, status]).toEqual([spelling, status === 405 || status === 503 ? status : 404])
      expect(text).not.toContain('items')
    }
  })

  test.each(internalRoutes)('$request of $service asks for the services’ own token', async (route) => {
    const { people, nodes } = environment()
    const { url = '' } = nodes.find(({ service }) => service === route.service) ?? {}
    const { token } = people.owner
    const guesses = [undefined, '', 'guessed', token ?? '', 'x'.repeat(10_000)]
    for (const guess of guesses) {
      const headers: Record<string, string> = guess === undefined ? {} : { 'x-internal-token': guess }
      const reply = await ask(url, route.request, { ...body(route.request), token, headers })
      expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    }
  })
}
