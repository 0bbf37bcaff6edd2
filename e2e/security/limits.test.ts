import { request } from 'node:http'
import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reply } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import { testLogs } from './secrets-in-logs.ts'
import { startTarget, type Target } from './target.ts'

let target: Target
/** With the limits as they are, and two nodes of users that must count together. */
beforeAll(async () => {
  target = await startTarget({ RATE_LIMIT_SCALE: '1', USERS_NODES: '2' })
})
afterAll(async () => {
  await target?.[Symbol.asyncDispose]()
})

function expectLimited({ status, body, headers }: Pick<Reply, 'status' | 'body' | 'headers'>) {
  expect({ status, body }).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

const logIn = (identifier: string, password = 'a guess', headers: Record<string, string> = {}) =>
  target.ask('POST /v1/auth/login', { body: { identifier, password }, headers })

const times = <T>(count: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)))

const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status)

/** Signs in from another address of this machine. */
function logInFrom(address: string, body: object): Promise<number> {
  const { port } = new URL(target.url)
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, localAddress: address, path: '/v1/auth/login', method: 'POST' }
    const headers = { 'content-type': 'application/json' }
    request({ ...options, headers }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
      .once('error', reject)
      .end(JSON.stringify(body))
  })
}

describe('guessing', () => {
  test('guesses at one account are counted over both nodes, every spelling of its name together, whoever the client says it is (ASVS 6.3.1, API2:2023)', async () => {
    const { username } = target.ada
    const spellings = [username, username.toUpperCase(), username.normalize('NFKD')]
    const replies = await times(24, (n) => {
      const spelling = spellings[n % spellings.length] ?? username
      return logIn(spelling, `guess ${n}`, {
        'x-forwarded-for': `203.0.113.${n}`,
        'x-real-ip': `203.0.113.${n}`,
      })
    })
    expect(statuses(replies).filter((status) => status === 401)).toHaveLength(20)
    for (const reply of replies.filter(({ status }) => status !== 401)) expectLimited(reply)
    expectLimited(await logIn(username, target.ada.password))
  })

  test('who guesses keeps nobody out: the person still signs in from their own address (ASVS 6.3.1)', async () => {
    const { username: identifier, password } = target.ada
    expect(await logInFrom('127.0.0.2', { identifier, password })).toBe(200)
  })

  test('an unknown name is limited like a known one (ASVS 6.3.8)', async () => {
    const replies = await times(21, () => logIn('nobody.at.all'))
    const limited = replies.filter(({ status }) => status === 429)
    expect(limited).toHaveLength(1)
    for (const reply of limited) expectLimited(reply)
  })

  test('a stolen token is no way to guess the password (ASVS 6.3.1, ASVS 7.5.1)', async () => {
    const { token } = target.grace
    const body = (n: number) => ({
      password: `guess ${n}`,
      currentPassword: `guess ${n}`,
      newPassword: 'x'.repeat(12),
    })
    for (const call of ['DELETE /v1/users/me', 'POST /v1/auth/password']) {
      const replies: Reply[] = []
      for (let n = 0; n < 15; n += 1) replies.push(await target.ask(call, { token, body: body(n) }))
      expect(statuses(replies)).toContain(429)
      expectLimited(replies.at(-1) ?? { status: 0, body: null, headers: new Headers() })
    }
  })

  test('codes of a second factor cannot be tried out (ASVS 6.3.1, ASVS 6.6.3)', async () => {
    const { token } = await target.newPerson()
    await target.ask('POST /v1/auth/totp', { token, body: {} })
    const replies: Reply[] = []
    for (let n = 0; n < 40; n += 1) {
      const code = String(100_000 + n)
      replies.push(await target.ask('POST /v1/auth/totp/confirm', { token, body: { code } }))
    }
    expectLimited(replies.at(-1) ?? { status: 0, body: null, headers: new Headers() })
  })

  test('mailed tokens cannot be tried out (ASVS 6.5.5, API4:2023)', async () => {
    for (const [path, rest] of [
      ['/v1/auth/password/reset', { newPassword: 'a walk by the sea again' }],
      ['/v1/auth/email/verify', {}],
    ] as const) {
      const replies: Reply[] = []
      for (let n = 0; n < 120; n += 1)
        replies.push(await target.ask(`POST ${path}`, { body: { token: `guess-${n}`, ...rest } }))
      expect([path, statuses(replies).includes(429)]).toEqual([path, true])
    }
  })
})

describe('floods', () => {
  test('messages beyond the limit are refused, and every one that was taken is there (API4:2023)', async () => {
    const { chat, ada } = target
    const replies = await times(400, (n) =>
      target.ask(`POST /v1/conversations/${chat}/messages`, {
        token: ada.token,
        body: { id: newId(), text: `Flood ${n}` },
      }),
    )
    const limited = replies.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    for (const reply of limited) expectLimited(reply)
    const taken = replies.filter(({ status }) => status === 201).length
    expect(taken + limited.length).toBe(400)
    const { body } = await target.ask(`GET /v1/conversations/${chat}/messages`, { token: ada.token })
    expect(body).toMatchObject({ lastSeq: taken + 1 })
  })

  test('a flood of one person is no trouble for another (API4:2023)', async () => {
    const { chat, grace } = target
    const body = { id: newId(), text: 'And me?' }
    const { status } = await target.ask(`POST /v1/conversations/${chat}/messages`, {
      token: grace.token,
      body,
    })
    expect(status).toBe(201)
  })

  test('a batch counts as many messages as it has (API4:2023, ASVS 2.4.1)', async () => {
    const { chat, mallory } = target
    const batch = () => ({
      messages: Array.from({ length: 100 }, () => ({ conversationId: chat, id: newId(), text: 'x' })),
    })
    const replies = await times(4, () =>
      target.ask('POST /v1/messages', { token: mallory.token, body: batch() }),
    )
    const told = replies.map(({ text }) => text).join('')
    expect(told).toMatch(/rate_limited/)
    expect(told).not.toMatch(/"status":201/)
  })

  test('searching without end is refused (API4:2023, API6:2023)', async () => {
    const { token } = target.mallory
    const people = await times(320, (n) => target.ask('GET /v1/users', { token, query: { query: `a${n}` } }))
    for (const reply of people.filter(({ status }) => status !== 200)) expectLimited(reply)
    expect(statuses(people)).toContain(429)
    const found = await times(150, (n) =>
      target.ask('GET /v1/search/messages', { token, query: { q: `a${n}` } }),
    )
    for (const reply of found.filter(({ status }) => status !== 200)) expectLimited(reply)
    expect(statuses(found)).toContain(429)
  })

  test('mails to one address are few, however often they are asked for (API4:2023, API6:2023)', async () => {
    const ask = (email: string) => target.ask('POST /v1/auth/password/forgot', { body: { email } })
    const known = await times(12, () => ask(target.grace.email))
    const unknown = await times(12, () => ask('nobody@mail.example'))
    expect(statuses(known).filter((status) => status === 202)).toHaveLength(5)
    expect(statuses(unknown).sort()).toEqual(statuses(known).sort())
  })

  test('a session that refreshes without end is stopped (API4:2023)', async () => {
    const { refreshToken } = await target.newPerson()
    const replies = await times(40, () => target.ask('POST /v1/auth/refresh', { body: { refreshToken } }))
    const limited = replies.filter(({ status }) => status === 429)
    expect(limited).toHaveLength(10)
    for (const reply of limited) expectLimited(reply)
  })

  test('who connects without end is refused, and who floods a socket loses it (API4:2023, ASVS 15.2.2)', async () => {
    const { url } = target
    const { token } = target.mallory
    using graces = await openSocket(url, { token: target.grace.token })
    using socket = await openSocket(url, { token })
    await socket.hears('ready')
    for (let n = 0; n < 600; n += 1) socket.say('42["nothing of ours"]')
    await socket.closed
    const tries = await times(70, () =>
      openSocket(url, { token }).then(
        (one) => one[Symbol.dispose](),
        (error: { code: string }) => error.code,
      ),
    )
    expect(tries).toContain('rate_limited')
    expect(await graces.request('away')).toEqual({ ok: true })
  })
})

describe('logs', () => testLogs(() => target))
