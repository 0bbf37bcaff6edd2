import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'

export type Serve = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves the built app in `folder`. Its files are listed once, so no path can leave it. Browsers
 * cache files with a hash in their name for a year. `index.html` is revalidated each time (ETag)
 * and stands in for every page of the app.
 */
export function serveApp(
  folder: string,
  headers: Record<string, string>,
  policyOf: (host: string | undefined) => string,
): Serve {
  const serve = sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    single: true,
    setHeaders: (response, path) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      response.setHeader('content-security-policy', policyOf(response.req.headers.host))
      response.setHeader('cache-control', hasHash(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    serve(request, response, () => {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('There is nothing here.\n')
    })
  }
}

/** Expo's bundles and assets: `entry-0f3a….js`, `logo.5f8c….png`. */
const hasHash = (path: string) => /[.-][0-9a-f]{20,64}\.\w+$/.test(path)

/**
 * Content-Security-Policy of the app. Inline styles are allowed because react-native-web writes its
 * style sheet at run time; inline scripts are not. `ws:` and `wss:` of the own host are named
 * because not every browser counts them under 'self'.
 */
const policyFor = (hosts: readonly string[]) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...hosts.flatMap((host) => [`ws://${host}`, `wss://${host}`])].join(' '),
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Hosts that a policy can name: no IPv6 addresses, and nothing that would end the line. */
const nameable = /^[a-z0-9.-]+(:\d{1,5})?$/i
/** Hosts whose policy is cached; others are computed each time. */
const mostHosts = 100

/**
 * The policy of pages by their host, which may open sockets only to that host and the public one.
 */
export function createPolicies(publicUrl: string | undefined): (host: string | undefined) => string {
  const ours = publicUrl === undefined ? [] : [new URL(publicUrl).host]
  const known = new Map<string, string>()
  return (host = '') => {
    const there = known.get(host)
    if (there !== undefined) return there
    const policy = policyFor([...new Set([...ours, host])].filter((name) => nameable.test(name)))
    if (known.size < mostHosts) known.set(host, policy)
    return policy
  }
}

/** Headers of every page and file the gateway itself serves. */
export function securityHeaders(isHttps: boolean): Record<string, string> {
  return {
    'content-security-policy': policyFor([]),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(self), microphone=(self), geolocation=(), payment=()',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(isHttps ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}

/** A plain page in place of the app, while it is built or when the build failed. */
export function serveNotice(
  notice: { title: string; text: string; isPassing: boolean },
  headers: Record<string, string>,
): Serve {
  const { title, text, isPassing } = notice
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${isPassing ? '<meta http-equiv="refresh" content="2">' : ''}<meta name="color-scheme" content="light dark"><title>${title}</title>
<style>body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 24px}p{opacity:.75}</style>
<h1>${title}</h1><p>${text}</p></html>`
  return (_request, response) => {
    response
      .writeHead(503, {
        ...headers,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...(isPassing ? { 'retry-after': '2' } : {}),
      })
      .end(body)
  }
}
