import { messagesApi, realtimeApi, usersApi } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { createRoutingTable, publicRoutesOf, routeRequest } from './route-request.ts'

test.each([
  ['/v1/auth/login', 'users'],
  ['/v1/users', 'users'],
  ['/v1/users?query=ada', 'users'],
  ['/v1/conversations/1/messages?limit=5', 'messages'],
  ['/v1/invites/abc', 'messages'],
  ['/socket.io/?EIO=4', 'realtime'],
  ['/health', 'health'],
  ['/v1/docs', 'docs'],
  ['/problems/gone', 'problem'],
  ['/', 'app'],
  ['/chat/1', 'app'],
  ['/v1chat', 'app'],
  ['/v1', 'not_found'],
  ['/v1/usersx', 'not_found'],
  ['/internal', 'not_found'],
  ['/a/%2e%2e/b', 'not_found'],
  ['/a\\b', 'not_found'],
  ['/%00', 'not_found'],
  ['/%E0%A4%A', 'not_found'],
  ['http://elsewhere/v1/users', 'not_found'],
  ['*', 'not_found'],
])('%s goes to %s', (url, destination) => {
  expect(routeRequest(url)).toBe(destination)
})

const apis = { users: usersApi, messages: messagesApi, realtime: realtimeApi }

test.each(Object.entries(apis))('every public route of %s reaches it', (service, api) => {
  const paths = publicRoutesOf(api).map(({ path }) => path)
  expect(paths.length).toBeGreaterThan(0)
  for (const path of paths) {
    expect(routeRequest(path.replaceAll(/:\w+/g, '0199')), path).toBe(service)
  }
})

test('internal routes are not reached from outside', () => {
  const internal = Object.values(apis)
    .flatMap((api) => Object.values<unknown>(api))
    .map((route) => String((route as { path?: unknown }).path))
    .filter((path) => path.startsWith('/internal'))
  expect(internal.length).toBeGreaterThan(0)
  for (const path of internal) expect(routeRequest(path), path).toBe('not_found')
})

test('a path under /v1 that no route begins with is not found', () => {
  for (const path of ['/v1/', '/v1/unknown', '/v1/user', '/v1/push2/key', '/v1/internal/markers']) {
    expect(routeRequest(path), path).toBe('not_found')
  }
})

test('two services cannot claim routes with the same beginning', () => {
  const route = (path: string) => ({ method: 'GET', path, auth: 'user', reply: {} })
  const users = { one: route('/v1/things/:id') }
  const messages = { other: route('/v1/things') }
  expect(() => createRoutingTable({ users, messages, realtime: {} })).toThrow(
    '/v1/things of messages begins like routes of users',
  )
  expect(() => createRoutingTable({ users: { one: route('/v1/docs/x') }, messages, realtime: {} })).toThrow(
    '/v1/docs/x of users begins like routes of docs',
  )
})
