import { type Conversation, type Invite, newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { createMailbox } from '../authorization/environment/mailbox.ts'
import { done } from '../authorization/environment/person.ts'
import type { Reply } from '../src/ask.ts'
import type { Attack } from './attack.ts'
import { logIn, withFactor } from './factors.ts'
import type { Target } from './target.ts'

/** The statuses of many tries at one moment, sorted. */
const atOnce = async (count: number, make: (n: number) => Promise<Reply>) =>
  (await Promise.all(Array.from({ length: count }, (_, n) => make(n)))).map(({ status }) => status).sort()

const one = (winner: number, loser: number, count: number) =>
  [winner, ...Array.from({ length: count - 1 }, () => loser)].sort()

/** What may happen once, tried many times at the same moment. */
export const raceAttacks: Attack[] = [
  {
    holds: 'a username goes to one of all who want it at once, an address to one of all who prove it',
    reference: 'ASVS 15.4.2, ASVS 2.3.4',
    async run({ ask, url, home }) {
      const unique = newId().slice(-10)
      const signUp = (username: string, email: string) =>
        ask('POST /v1/auth/register', {
          body: { username, email, displayName: 'Racer', password: `${unique} runs by the sea` },
        })
      const names = await atOnce(8, (n) => signUp(`racer.${unique}`, `${n}-${unique}@mail.example`))
      expect(names).toEqual(one(201, 409, 8))
      const email = `all-${unique}@mail.example`
      const given = await atOnce(8, (n) => signUp(`racer${n}.${unique}`, email))
      expect(given).toEqual(Array.from({ length: 8 }, () => 201))
      const tokens = await createMailbox(home, url).verificationsOf(email, 8)
      const proven = await atOnce(8, (n) => ask('POST /v1/auth/email/verify', { body: { token: tokens[n] } }))
      expect(proven).toEqual(one(204, 410, 8))
      expect((await signUp(`late.${unique}`, email)).status).toBe(409)
    },
  },
  {
    holds: 'an invite for one lets one in, however many come at once',
    reference: 'ASVS 15.4.2, ASVS 2.3.2, API6:2023',
    async run({ url, ask, ada, newPerson }) {
      const { token } = ada
      const group = { kind: 'group', title: 'One seat', userIds: [] }
      const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token, body: group })
      const { code } = await done<Invite>(url, `POST /v1/conversations/${id}/invites`, {
        token,
        body: { maxUses: 1 },
      })
      const people = await Promise.all(Array.from({ length: 8 }, () => newPerson()))
      const tries = await atOnce(8, (n) => ask(`POST /v1/invites/${code}`, { token: people[n]?.token }))
      expect(tries).toEqual(one(200, 410, 8))
      expect((await ask(`GET /v1/conversations/${id}`, { token })).body).toMatchObject({
        participantCount: 2,
      })
    },
  },
  {
    holds: 'what works once works once at the same moment, too: mailed tokens, codes, recovery codes',
    reference: 'ASVS 6.5.1, ASVS 15.4.2',
    async run(target: Target) {
      const { ask, url, home, newPerson } = target
      const reset = await createMailbox(home, url).resetOf(await newPerson())
      const body = { token: reset, newPassword: 'many walks by one sea' }
      target.secrets.add(reset).add(body.newPassword)
      expect(await atOnce(6, () => ask('POST /v1/auth/password/reset', { body }))).toEqual(one(204, 410, 6))
      const { person, recoveryCodes } = await withFactor(target)
      expect(await atOnce(6, () => logIn(target, person, recoveryCodes[3]))).toEqual(one(200, 401, 6))
    },
  },
  {
    holds: 'one direct conversation comes of many that are started at once, from both sides',
    reference: 'ASVS 15.4.1',
    async run({ ask, newPerson }) {
      const [left, right] = await Promise.all([newPerson(), newPerson()])
      const start = (n: number) => {
        const [me, other] = n % 2 === 0 ? [left, right] : [right, left]
        const body = { kind: 'direct', userId: other.userId }
        return ask('POST /v1/conversations', { token: me.token, body })
      }
      const replies = await Promise.all(Array.from({ length: 8 }, (_, n) => start(n)))
      expect(new Set(replies.map(({ body }) => (body as Conversation).id)).size).toBe(1)
      expect(replies.map(({ status }) => status).sort()).toEqual(one(201, 200, 8))
    },
  },
]
