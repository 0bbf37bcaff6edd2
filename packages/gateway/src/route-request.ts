/** Who answers a path. */
export type Destination =
  | 'users'
  | 'messages'
  | 'realtime'
  | 'health'
  | 'openapi'
  | 'asyncapi'
  | 'docs'
  | 'problem'
  | 'app'
  | 'nobody'

const destinations: Readonly<Record<string, Destination>> = {
  '/v1/auth': 'users',
  '/v1/users': 'users',
  '/.well-known/jwks.json': 'users',
  '/v1/conversations': 'messages',
  '/v1/messages': 'messages',
  '/v1/sync': 'messages',
  '/v1/search': 'messages',
  '/v1/uploads': 'messages',
  '/v1/attachments': 'messages',
  '/v1/invites': 'messages',
  '/v1/stars': 'messages',
  '/v1/push': 'realtime',
  '/v1/openapi.json': 'openapi',
  '/v1/asyncapi.json': 'asyncapi',
  '/v1/docs': 'docs',
}

const firstSegments: Readonly<Record<string, Destination>> = {
  'socket.io': 'realtime',
  health: 'health',
  problems: 'problem',
  v1: 'nobody',
  // Between services only; a path that looks so is never a page of the app.
  internal: 'nobody',
}

/** Decides by the first one or two segments of `url` who answers. Paths that climb (`../../stack/src`, encoded or not) are nobody's. */
export function routeRequest(url: string): Destination {
  const path = url.split('?', 1)[0] ?? ''
  if (!path.startsWith('/') || climbs(path)) return 'nobody'
  const [, first = '', second = ''] = path.split('/')
  return destinations[`/${first}/${second}`] ?? firstSegments[first] ?? 'app'
}

function climbs(path: string) {
  let plain: string
  try {
    plain = decodeURIComponent(path)
  } catch {
    return true
  }
  return (
    plain.includes('\\') ||
    plain.includes('\0') ||
    plain.split('/').some((part) => part === '../../stack/src' || part === './')
  )
}
