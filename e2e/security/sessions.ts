import type { SignedIn } from '@finnigram/contracts'
import { expect } from 'vitest'
import { signInAgain } from '../authorization/environment/person.ts'
import { openSocket } from '../src/open-socket.ts'
import type { Attack } from './attack.ts'
import { expectRefused, type Target } from './target.ts'

const refresh = (target: Target, refreshToken: unknown) =>
  target.ask('POST /v1/auth/refresh', { body: { refreshToken } })

async function refreshed(target: Target, refreshToken: string): Promise<SignedIn> {
  const { status, body } = await refresh(target, refreshToken)
  expect(status).toBe(200)
  const signedIn = body as SignedIn
  target.secrets.add(signedIn.refreshToken).add(signedIn.accessToken)
  return signedIn
}

/** Every service refuses the token, and soon. */
async function expectEnded(target: Target, token: string | undefined) {
  for (const path of ['/v1/users/me', '/v1/conversations']) {
    const status = async () => (await target.ask(`GET ${path}`, { token })).status
    await expect.poll(status, { timeout: 8_000 }).toBe(401)
  }
}

/** Refresh tokens and sessions. */
export const sessionAttacks: Attack[] = [
  {
    holds: 'an old refresh token that turns up again ends the session, its access tokens and its sockets',
    reference: 'ASVS 10.4.5, API2:2023, RFC 9700 4.14',
    async run(target) {
      const { refreshToken: stolen } = await target.newPerson()
      const second = await refreshed(target, stolen)
      const third = await refreshed(target, second.refreshToken)
      using socket = await openSocket(target.url, { token: third.accessToken })
      await socket.hears('ready')

      expectRefused(await refresh(target, stolen), 'unauthenticated')
      expectRefused(await refresh(target, third.refreshToken), 'unauthenticated')
      await socket.closed
      await expectEnded(target, third.accessToken)
    },
  },
  {
    holds: 'many refreshes with one token at the same moment give one successor, and the session lives',
    reference: 'ASVS 15.4.1',
    async run(target) {
      const { refreshToken } = await target.newPerson()
      const all = await Promise.all(Array.from({ length: 12 }, () => refreshed(target, refreshToken)))
      expect(new Set(all.map((one) => one.refreshToken)).size).toBe(1)
      await refreshed(target, all[0]?.refreshToken ?? '')
    },
  },
  {
    holds: 'what is no refresh token is refused as such, long or odd as it may be',
    reference: 'ASVS 2.2.1, ASVS 15.3.5',
    async run(target) {
      const { refreshToken, token } = target.mallory
      const texts = [
        'x',
        'x'.repeat(512),
        'é'.repeat(64),
        `${refreshToken} `,
        refreshToken.toUpperCase(),
        token,
      ]
      for (const text of texts) {
        const code = (text?.length ?? 0) > 512 ? 'validation_failed' : 'unauthenticated'
        expectRefused(await refresh(target, text), code)
      }
      const others = [
        '',
        'x'.repeat(513),
        'x'.repeat(200_000),
        null,
        7,
        true,
        {},
        [refreshToken],
        { $ne: null },
      ]
      for (const other of others) expectRefused(await refresh(target, other), 'validation_failed')
      expectRefused(await refresh(target, '\0'.repeat(64)), 'unauthenticated')
      await refreshed(target, refreshToken)
    },
  },
  {
    holds: 'after logging out neither token works, anywhere, and the sockets are closed',
    reference: 'ASVS 7.4.1',
    async run(target) {
      const person = await target.newPerson()
      const { token, refreshToken } = person
      using socket = await openSocket(target.url, { token })
      await socket.hears('ready')
      expect((await target.ask('POST /v1/auth/logout', { token })).status).toBe(204)
      expectRefused(await refresh(target, refreshToken), 'unauthenticated')
      await socket.closed
      await expectEnded(target, token)
      await expect(openSocket(target.url, { token })).rejects.toMatchObject({ code: 'unauthenticated' })
    },
  },
  {
    holds: 'a deleted account ends all of its sessions',
    reference: 'ASVS 7.4.2',
    async run(target) {
      const person = await target.newPerson()
      const elsewhere = await signInAgain(target.url, person)
      const { password, token } = person
      await target.ask('DELETE /v1/users/me', { token, body: { password } })
      for (const one of [person, elsewhere]) {
        expectRefused(await refresh(target, one.refreshToken), 'unauthenticated')
        await expectEnded(target, one.token)
      }
    },
  },
  {
    holds: 'a new password ends all other sessions, and this one stays',
    reference: 'ASVS 7.4.3, ASVS 6.2.3',
    async run(target) {
      const person = await target.newPerson()
      const elsewhere = await signInAgain(target.url, person)
      const body = { currentPassword: person.password, newPassword: 'quite another walk' }
      target.secrets.add(body.newPassword)
      const { token } = person
      expect((await target.ask('POST /v1/auth/password', { token, body })).status).toBe(204)
      await expectEnded(target, elsewhere.token)
      expectRefused(await refresh(target, elsewhere.refreshToken), 'unauthenticated')
      expect((await target.ask('GET /v1/users/me', { token })).status).toBe(200)
      expectRefused(await target.ask('POST /v1/auth/password', { token, body }), 'invalid_credentials')
    },
  },
  {
    holds: 'each sign-in makes new tokens, long enough that nobody guesses them',
    reference: 'ASVS 7.2.3, ASVS 7.2.4',
    async run(target) {
      const person = await target.newPerson()
      const again = await signInAgain(target.url, person)
      expect(again.sessionId).not.toBe(person.sessionId)
      expect(again.refreshToken).not.toBe(person.refreshToken)
      expect(Buffer.from(again.refreshToken, 'base64url').length).toBeGreaterThanOrEqual(32)
      expect(again.refreshToken.slice(0, 21)).not.toBe(person.refreshToken.slice(0, 21))
    },
  },
]
