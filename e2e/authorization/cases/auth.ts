import { newId } from '@finnigram/contracts'
import { totpCode } from '../../src/totp-code.ts'
import { done, newUsername, type Person } from '../environment/person.ts'
import type { Scene, Things } from './fixture.ts'

const passwordOf = ({ username, password }: Person) => ({ identifier: username, password })
const signUp = (username: string) => ({
  body: { username, displayName: 'Another', password: `${username} and nobody else` },
})

/** A token of `person` that was used already. */
async function usedReset({ environment }: Scene) {
  const person = await environment.newPerson()
  const token = await environment.mailbox.resetOf(person)
  const body = { token, newPassword: 'as new as the morning' }
  await done(environment.url, 'POST /v1/auth/password/reset', { body })
  return token
}

async function usedVerification({ environment }: Scene) {
  const token = await environment.mailbox.verificationOf(await environment.newPerson())
  await done(environment.url, 'POST /v1/auth/email/verify', { body: { token } })
  return token
}

const reset = (token: string) => ({ body: { token, newPassword: 'as new as the morning' } })

/** Somebody who has begun with a second factor, and its secret, if they may. */
async function withFactorBegun(fixture: Scene) {
  const as = await fixture.spare()
  const isIn = as.userId !== fixture.me.userId
  if (!isIn || as.token === fixture.me.token) return { as, secret: 'AAAA' }
  const { secret } = await done<{ secret: string }>(fixture.environment.url, 'POST /v1/auth/totp', {
    token: as.token,
    body: { password: as.password },
  })
  return { as, secret }
}

/** What the caller, and what somebody else, signs in with. */
const ownProof = async ({ spare }: Scene) => {
  const as = await spare()
  return { as, body: { password: as.password } }
}
const othersProof = async ({ spare, someone }: Scene) => ({
  as: await spare(),
  body: { password: someone.password },
})

/** What is asked of the routes of signing in. */
export const authCases = {
  register: {
    own: ({ me }) => signUp(me.username),
    others: ({ someone }) => signUp(someone.username),
    missing: () => signUp(newUsername('newcomer')),
  },
  login: {
    own: ({ me }) => ({ body: passwordOf(me) }),
    others: ({ me, someone }) => ({ body: { ...passwordOf(someone), password: me.password } }),
    missing: ({ me }) => ({ body: { ...passwordOf(me), identifier: newUsername('nobody') } }),
  },
  refresh: {
    own: async ({ spareSession }) => ({ body: { refreshToken: (await spareSession()).refreshToken } }),
    // Its first half names the session of somebody else.
    others: async ({ me, environment }) => {
      const { refreshToken } = await environment.newPerson()
      return { body: { refreshToken: refreshToken.slice(0, 21) + me.refreshToken.slice(21) } }
    },
    missing: ({ me }) => ({ body: { refreshToken: 'x'.repeat(me.refreshToken.length) } }),
  },
  logout: { own: async ({ spareSession }) => ({ as: await spareSession() }) },
  listSessions: { own: () => ({}) },
  endSession: {
    own: async ({ spareSession }) => ({ params: { sessionId: (await spareSession()).sessionId } }),
    others: ({ someone }) => ({ params: { sessionId: someone.sessionId } }),
    missing: () => ({ params: { sessionId: newId() } }),
  },
  endOtherSessions: { own: async ({ spare }) => ({ as: await spare() }) },
  jwks: { own: () => ({}) },
  changePassword: {
    own: async ({ spare }) => {
      const as = await spare()
      return { as, body: { currentPassword: as.password, newPassword: 'as new as the evening' } }
    },
    others: ({ someone }) => ({
      body: { currentPassword: someone.password, newPassword: 'as new as the evening' },
    }),
  },
  forgotPassword: {
    own: ({ me }) => ({ body: { email: me.email } }),
    others: ({ someone }) => ({ body: { email: someone.email } }),
    missing: () => ({ body: { email: `${newUsername('nobody')}@mail.example` } }),
  },
  resetPassword: {
    own: async ({ environment, actor, spare }) =>
      reset(
        actor === 'deleted' ? environment.leftovers.reset : await environment.mailbox.resetOf(await spare()),
      ),
    others: async (fixture) => reset(await usedReset(fixture)),
    missing: () => reset('x'.repeat(43)),
  },
  verifyEmail: {
    own: async ({ environment, actor, spare }) => {
      const { mailbox, leftovers } = environment
      const token = actor === 'deleted' ? leftovers.verification : await mailbox.verificationOf(await spare())
      return { body: { token } }
    },
    others: async (fixture) => ({ body: { token: await usedVerification(fixture) } }),
    missing: () => ({ body: { token: 'x'.repeat(43) } }),
  },
  resendVerification: { own: async ({ spare }) => ({ as: await spare() }) },
  reauthenticate: {
    own: ownProof,
    others: othersProof,
    tokenOnly: async ({ spare }) => ({ as: await spare(), body: {} }),
  },
  startTotp: {
    own: ownProof,
    others: othersProof,
    tokenOnly: async ({ spare }) => ({ as: await spare(), body: {} }),
  },
  confirmTotp: {
    own: async (fixture) => {
      const { as, secret } = await withFactorBegun(fixture)
      return { as, body: { code: totpCode(secret) } }
    },
    // The code of a secret that somebody else may know.
    others: async (fixture) => {
      const { as } = await withFactorBegun(fixture)
      return { as, body: { code: totpCode('JBSWY3DPEHPK3PXP') } }
    },
    missing: async ({ spare }) => ({ as: await spare(), body: { code: '123456' } }),
  },
  endTotp: {
    own: ownProof,
    others: othersProof,
    tokenOnly: async ({ spare }) => ({ as: await spare(), body: {} }),
  },
  listActivity: { own: () => ({}) },
} satisfies Record<string, Things>
