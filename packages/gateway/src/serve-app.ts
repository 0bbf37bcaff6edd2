import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'

export type Serve = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves the built app in `folder`. Its files are listed once, so no path can leave it. What carries a hash in its name
 * is kept by browsers for a year; `index.html` is asked for each time (ETag) and stands in for every page of the app.
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
