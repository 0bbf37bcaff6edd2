import type { Me } from '@finnigram/contracts'
import { expect } from 'vitest'
import { createMailbox } from '../authorization/environment/mailbox.ts'
import { done } from '../authorization/environment/person.ts'
import { totpCode } from '../src/totp-code.ts'
import type { Attack } from './attack.ts'
import { logIn } from './factors.ts'
import { expectRefused } from './target.ts'

/**
 * What a thief has, and what they try it on: every route that changes how an account is entered.
 */
const routes = (email: string): [request: string, body: object][] => [
  ['PATCH /v1/users/me', { email }],
  ['PATCH /v1/users/me', { email: null }],
  ['POST /v1/auth/totp', {}],
  ['DELETE /v1/auth/totp', {}],
  ['POST /v1/auth/reauthenticate', {}],
]
const guess = 'a guess at the password'

/** An access token, or a session, in the hands of somebody else. */
export const takeoverAttacks: Attack[] = [
  {
    holds: 'a stolen access token, fresh as it is, cannot take an account over by any route',
    reference: 'ASVS 7.5.1, ASVS 7.5.3, API2:2023',
    async run(target) {
      const { ask, url, home } = target
      const person = await target.newPerson()
      const mailbox = createMailbox(home, url)
      await done(url, 'POST /v1/auth/email/verify', { body: { token: await mailbox.verificationOf(person) } })
      const { token } = person
      const evil = `evil-${person.email}`
      for (const [request, body] of routes(evil)) {
        expectRefused(await ask(request, { token, body }), 'reauthentication_required')
      }
      for (const [request, body] of routes(evil).slice(0, 4))
        expectRefused(
          await ask(request, { token, body: { ...body, password: guess } }),
          'invalid_credentials',
        )
      expectRefused(
        await ask('DELETE /v1/users/me', { token, body: { password: guess } }),
        'invalid_credentials',
      )
      const change = { currentPassword: guess, newPassword: 'a walk of the thief' }
      expectRefused(await ask('POST /v1/auth/password', { token, body: change }), 'invalid_credentials')
      expectRefused(await ask('POST /v1/auth/email/resend', { token }), 'conflict')
      expectRefused(await ask('POST /v1/auth/totp/confirm', { token, body: { code: '123456' } }), 'conflict')
      expect((await ask('POST /v1/auth/password/forgot', { body: { email: evil } })).status).toBe(202)

      const me = (await ask('GET /v1/users/me', { token })).body as Me
      expect(me).toMatchObject({ email: person.email, emailVerified: true, totpEnabled: false })
      expect(me.pendingEmail).toBe(null)
      const reset = await mailbox.resetOf(person)
      const newPassword = 'mine again by the sea'
      target.secrets.add(newPassword).add(reset)
      expect(
        (await ask('POST /v1/auth/password/reset', { body: { token: reset, newPassword } })).status,
      ).toBe(204)
      expect((await logIn(target, { ...person, password: newPassword })).status).toBe(200)
    },
  },
  {
    holds: 'an address that a thief squats with a second factor is its owner’s as soon as they read its mail',
    reference: 'ASVS 6.4.3, ASVS 6.4.4',
    async run(target) {
      const { ask, url, home } = target
      const thief = await target.newPerson()
      const { token, email, password } = thief
      const { secret } = await done<{ secret: string }>(url, 'POST /v1/auth/totp', {
        token,
        body: { password },
      })
      await done(url, 'POST /v1/auth/totp/confirm', { token, body: { code: totpCode(secret) } })
      target.secrets.add(secret)
      const reset = await createMailbox(home, url).resetOf(thief)
      const newPassword = 'the owner walks along the sea'
      target.secrets.add(newPassword).add(reset)
      expect(
        (await ask('POST /v1/auth/password/reset', { body: { token: reset, newPassword } })).status,
      ).toBe(204)
      const body = { identifier: email, password: newPassword }
      const owner = await ask('POST /v1/auth/login', { body })
      expect(owner.body).toMatchObject({ user: { email, emailVerified: true, totpEnabled: false } })
    },
  },
]
