import { expect, test } from 'vitest'
import { routeRequest } from './route-request.ts'

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
  ['/v1', 'nobody'],
  ['/v1/usersx', 'nobody'],
  ['/internal', 'nobody'],
  ['/a/%2e%2e/b', 'nobody'],
  ['/a\\b', 'nobody'],
  ['/%00', 'nobody'],
  ['/%E0%A4%A', 'nobody'],
  ['http://elsewhere/v1/users', 'nobody'],
  ['*', 'nobody'],
])('%s is for %s', (url, destination) => {
  expect(routeRequest(url)).toBe(destination)
})
