import {
  baseEnv,
  createHealth,
  createLogger,
  createMetrics,
  createRateLimiter,
  type HttpContext,
  type Route,
  readEnv,
  startHttp,
} from '../src/index.ts'

export const internalToken = 'an-internal-token-for-tests'

export const testLog = () => createLogger({ service: 'test', nodeId: 'node-1', level: 'debug' })

/** A real server with these routes and nothing else around it. */
export async function serve(routes: Route[], overrides: Partial<HttpContext> = {}) {
  const log = testLog()
  const health = createHealth([])
  health.started()
  const ctx: HttpContext = {
    log,
    health,
    metrics: createMetrics('test'),
    limits: createRateLimiter({ service: 'test', secret: internalToken, redis: undefined, scale: 1, log }),
    ...overrides,
  }
  const config = { ...readEnv(baseEnv, { CHECK_REPLIES: 'true' }), INTERNAL_TOKEN: internalToken }
  const http = await startHttp({ ctx, config, routes })
  const call = async (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(`${http.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
  return { http, ctx, call, [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() }
}
