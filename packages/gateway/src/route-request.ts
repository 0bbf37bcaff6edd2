import type { IncomingMessage } from 'node:http'
import { messagesApi, type RouteContract, realtimeApi, usersApi } from '@finnigram/contracts'

export type Service = 'users' | 'messages' | 'realtime'

/** What answers a path. */
export type Destination =
  | Service
  | 'health'
  | 'openapi'
  | 'asyncapi'
  | 'docs'
  | 'problem'
  | 'app'
  | 'not_found'

/** What the gateway answers itself. */
const ownPrefixes: Readonly<Record<string, Destination>> = {
  '/v1/openapi.json': 'openapi',
  '/v1/asyncapi.json': 'asyncapi',
  '/v1/docs': 'docs',
}

const firstSegments: Readonly<Record<string, Destination>> = {
  'socket.io': 'realtime',
  health: 'health',
  problems: 'problem',
  v1: 'not_found',
  // Between services only, and never a page of the app.
  internal: 'not_found',
}

/**
 * The routing table: the first two segments of every public route of contracts, and its service. A
 * new route of contracts is therefore routed without a change here.
 */
export function createRoutingTable(
  apis: Readonly<Record<Service, object>>,
): Readonly<Record<string, Destination>> {
  const table: Record<string, Destination> = { ...ownPrefixes }
  for (const [service, api] of Object.entries(apis) as [Service, object][]) {
    for (const { path } of publicRoutesOf(api)) {
      const prefix = prefixOf(path)
      const owner = table[prefix] ?? service
      if (owner !== service) throw new Error(`${path} of ${service} begins like routes of ${owner}`)
      table[prefix] = service
    }
  }
  return table
}

/** The routes of an API that clients may call. */
export const publicRoutesOf = (api: object): RouteContract[] =>
  Object.values(api)
    .filter(isRoute)
    .filter(({ auth }) => auth !== 'internal')

const isRoute = (value: unknown): value is RouteContract =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'reply' in value

const prefixOf = (path: string) => {
  const [, first = '', second = ''] = path.split('/')
  return `/${first}/${second}`
}

const routingTable = createRoutingTable({ users: usersApi, messages: messagesApi, realtime: realtimeApi })

/**
 * Routes by the first one or two segments of a path. Traversal (`..`, encoded or not) is not found.
 */
export function routeRequest(url: string): Destination {
  const path = url.split('?', 1)[0] ?? ''
  if (!path.startsWith('/') || isTraversal(path)) return 'not_found'
  const [, first = ''] = path.split('/')
  return routingTable[prefixOf(path)] ?? firstSegments[first] ?? 'app'
}

/** Whether a request is a Socket.IO WebSocket. Other upgrades are ignored (RFC 9110, 7.8). */
export const isSocketUpgrade = ({ method, url = '/', headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  /^\/socket\.io[/?]/.test(url) &&
  routeRequest(url) === 'realtime'

function isTraversal(path: string) {
  let plain: string
  try {
    plain = decodeURIComponent(path)
  } catch {
    return true
  }
  return (
    plain.includes('\\') ||
    plain.includes('\0') ||
    plain.split('/').some((part) => part === '..' || part === '.')
  )
}
