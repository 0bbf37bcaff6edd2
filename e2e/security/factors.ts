import { expect } from 'vitest'
import { createMailbox } from '../authorization/environment/mailbox.ts'
import { done, type Person } from '../authorization/environment/person.ts'
import { totpCode } from '../src/totp-code.ts'
import type { Attack } from './attack.ts'
import { expectRefused, type Target } from './target.ts'

/** Somebody new whose sign-in needs a second factor. */
export async function withFactor({ url, newPerson, secrets }: Target) {
  const person = await newPerson()
  const { token } = person
  const { secret } = await done<{ secret: string }>(url, 'POST /v1/auth/totp', {
    token,
    body: { password: person.password },
  })
  const code = totpCode(secret)
  const body = { token, body: { code } }
  const { recoveryCodes } = await done<{ recoveryCodes: string[] }>(url, 'POST /v1/auth/totp/confirm', body)
  for (const one of [secret, ...recoveryCodes]) secrets.add(one)
  return { person, secret, code, recoveryCodes }
}

export const logIn = ({ ask }: Target, { username, password }: Person, totp?: string) =>
  ask('POST /v1/auth/login', { body: { identifier: username, password, ...(totp ? { totp } : {}) } })

/** Passwords, second factors and what is mailed. */
export const factorAttacks: Attack[] = [
  {
    holds: 'a second factor is asked for after the password alone, and tells nothing before',
    reference: 'ASVS 6.3.3, ASVS 6.3.8',
    async run(target) {
      const { person, code } = await withFactor(target)
      expectRefused(await logIn(target, person), 'totp_required')
      expectRefused(await logIn(target, { ...person, password: 'a guess' }), 'invalid_credentials')
      expectRefused(await logIn(target, { ...person, password: 'a guess' }, code), 'invalid_credentials')
      expectRefused(await logIn(target, person, '000000'), 'invalid_credentials')
    },
  },
  {
    holds: 'a code signs in once, the one that turned the factor on included, and so does a recovery code',
    reference: 'ASVS 6.5.1, RFC 6238 5.2',
    async run(target) {
      const { person, secret, code, recoveryCodes } = await withFactor(target)
      expectRefused(await logIn(target, person, code), 'invalid_credentials')
      const next = totpCode(secret, 1)
      expect((await logIn(target, person, next)).status).toBe(200)
      expectRefused(await logIn(target, person, next), 'invalid_credentials')
      const [recovery] = recoveryCodes
      expect((await logIn(target, person, recovery)).status).toBe(200)
      expectRefused(await logIn(target, person, recovery), 'invalid_credentials')
      for (const far of [-10, 10])
        expectRefused(await logIn(target, person, totpCode(secret, far)), 'invalid_credentials')
      expect(new Set(recoveryCodes).size).toBe(10)
      for (const one of recoveryCodes) expect(one.length).toBeGreaterThanOrEqual(10)
    },
  },
  {
    holds: 'a new password does not do away with the second factor, and ends all sessions',
    reference: 'ASVS 6.4.3, ASVS 7.4.3',
    async run(target) {
      const { url, home, ask } = target
      const { person } = await withFactor(target)
      const mailbox = createMailbox(home, url)
      await done(url, 'POST /v1/auth/email/verify', { body: { token: await mailbox.verificationOf(person) } })
      const reset = await mailbox.resetOf(person)
      const password = 'another walk, another sea'
      target.secrets.add(password).add(reset)
      const body = { token: reset, newPassword: password }
      expect((await ask('POST /v1/auth/password/reset', { body })).status).toBe(204)
      expectRefused(await ask('POST /v1/auth/password/reset', { body }), 'gone')
      expectRefused(await logIn(target, { ...person, password }), 'totp_required')
      expectRefused(await logIn(target, person), 'invalid_credentials')
      const status = async () => (await ask('GET /v1/users/me', { token: person.token })).status
      await expect.poll(status, { timeout: 8_000 }).toBe(401)
    },
  },
  {
    holds: 'a mailed token does what it was mailed for, for the address it was mailed to, and nothing else',
    reference: 'ASVS 6.5.5, ASVS 6.4.3',
    async run({ url, home, ask, newPerson, secrets }) {
      const mailbox = createMailbox(home, url)
      const person = await newPerson()
      const [verification, reset] = [await mailbox.verificationOf(person), await mailbox.resetOf(person)]
      secrets.add(verification).add(reset)
      const newPassword = 'another walk by the sea'
      expectRefused(
        await ask('POST /v1/auth/password/reset', { body: { token: verification, newPassword } }),
        'gone',
      )
      expectRefused(await ask('POST /v1/auth/email/verify', { body: { token: reset } }), 'gone')
      const { token } = person
      const change = { email: `new-${person.email}`, password: person.password }
      const changed = await ask('PATCH /v1/users/me', { token, body: change })
      expect(changed.body).toMatchObject({ email: change.email, emailVerified: false })
      expectRefused(await ask('POST /v1/auth/email/verify', { body: { token: verification } }), 'gone')
      const me = await ask('GET /v1/users/me', { token })
      expect(me.body).toMatchObject({ emailVerified: false })
      // A link that was mailed to an address that is no longer theirs sets no password.
      expectRefused(
        await ask('POST /v1/auth/password/reset', { body: { token: reset, newPassword } }),
        'gone',
      )
    },
  },
  {
    holds: 'a password is compared as it was typed, may be long, and is none of those that everyone tries',
    reference: 'ASVS 6.2.1, ASVS 6.2.4, ASVS 6.2.8, ASVS 6.2.9',
    async run(target) {
      const { ask, ada } = target
      const signUp = (password: unknown) =>
        ask('POST /v1/auth/register', { body: { username: 'weak.password', displayName: 'Weak', password } })
      for (const password of [
        'password',
        'Password1',
        '12345678',
        'qwertyuiop',
        'short',
        'x'.repeat(257),
        '',
        null,
        {},
      ])
        expectRefused(await signUp(password), 'validation_failed')
      for (const password of [ada.password.toUpperCase(), `${ada.password} `, ada.password.slice(0, -1)])
        expectRefused(await logIn(target, { ...ada, password }), 'invalid_credentials')
      const { token, username, password } = await target.newPerson()
      const long = `${'é😀 '.repeat(60)}`
      target.secrets.add(long)
      const body = { currentPassword: password, newPassword: long }
      expect((await ask('POST /v1/auth/password', { token, body })).status).toBe(204)
      const person = { ...ada, username }
      expect((await logIn(target, { ...person, password: long })).status).toBe(200)
      expectRefused(await logIn(target, { ...person, password: long.slice(0, -4) }), 'invalid_credentials')
    },
  },
]
