import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SignedIn } from '@finnigram/contracts'
import { createDatabase, startRedis, type TestRedis } from '@finnigram/testing'
import { readConfig } from '../src/config.ts'
import { startUsers, type UsersService } from '../src/service.ts'

const migrations = join(import.meta.dirname, '../prisma/migrations')
export const internalToken = 'a secret between services'
/** Mails that no test reads. Created with the first mail. */
const mailDir = join(tmpdir(), `finnigram-mail-${process.pid}`)
export const secretsKey = randomBytes(32).toString('base64')

export interface Reply<T = unknown> {
  status: number
  body: T
  headers: Headers
}

export interface CallOptions {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export type Call = <T = unknown>(request: string, options?: CallOptions) => Promise<Reply<T>>

export interface TestUsers extends UsersService {
  readonly redis: TestRedis
  readonly databaseUrl: string
  /** Sends a request such as `'GET /v1/users/me'`. */
  readonly call: Call
  /** Registers a user, who is signed in. */
  register(more?: Record<string, unknown>): Promise<SignedIn>
  login(identifier: string, password?: string): Promise<Reply<SignedIn>>
  refresh(refreshToken: string): Promise<Reply<SignedIn>>
}

export const goodPassword = 'correct horse battery'
export const newName = (start = 'user') => `${start}_${randomBytes(6).toString('hex')}`

/** Starts the whole service on a free port, with its own database and Redis. */
export async function startTestUsers(env: Record<string, string> = {}): Promise<TestUsers> {
  await using resources = new AsyncDisposableStack()
  resources.defer(() => rm(mailDir, { recursive: true, force: true }))
  const redis = resources.use(await startRedis())
  const databaseUrl = env['DATABASE_URL'] ?? (await createDatabase({ migrations }))
  const service = resources.use(await startUsers(testConfig({ databaseUrl, redisUrl: redis.url, env })))
  const call = caller(service.url)
  const running = resources.move()
  return {
    ...service,
    redis,
    databaseUrl,
    call,
    async register(more = {}) {
      const body = { username: newName(), displayName: 'Test Person', password: goodPassword, ...more }
      const reply = await call<SignedIn>('POST /v1/auth/register', { body })
      if (reply.status !== 201) throw new Error(`Not registered: ${JSON.stringify(reply.body)}`)
      return reply.body
    },
    login: (identifier, password = goodPassword) =>
      call<SignedIn>('POST /v1/auth/login', { body: { identifier, password } }),
    refresh: (refreshToken) => call<SignedIn>('POST /v1/auth/refresh', { body: { refreshToken } }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export function testConfig({
  databaseUrl,
  redisUrl,
  env = {},
}: {
  databaseUrl: string
  redisUrl: string
  env?: Record<string, string>
}) {
  return readConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    INTERNAL_TOKEN: internalToken,
    MESSAGES_URL: 'http://127.0.0.1:9',
    SECRETS_KEY: secretsKey,
    MAIL_DIR: mailDir,
    RATE_LIMIT_SCALE: '1000',
    CHECK_REPLIES: 'true',
    LOG_LEVEL: 'warn',
    ...env,
  })
}

export function caller(url: string): Call {
  return async <T>(request: string, { token, body, headers = {} }: CallOptions = {}) => {
    const [method = '', path = ''] = request.split(' ')
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
      headers: response.headers,
    }
  }
}
