import { createLogger, createRateLimiter } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { allowMail } from './allow-mail.ts'
import type { MailJob } from './mail-job.ts'

const log = createLogger({ service: 'test', nodeId: 'a', level: 'warn' })
/** Of each limit a hundredth: one link and ten mails to one domain. */
const newLimits = () => createRateLimiter({ secret: 'x', redis: undefined, scale: 0.01, log })
const link: MailJob = { kind: 'reset_password', email: 'a@x.example', ip: '192.0.2.1' }
const notice: MailJob = {
  kind: 'notice',
  userId: 'u',
  email: 'a@x.example',
  username: 'a',
  about: 'password_changed',
  at: '2026-11-30T00:00:00.000Z',
}

test('a mailbox that has enough links is sent no more of them, and its notices all the same', async () => {
  const limits = newLimits()
  expect(await allowMail(limits, link, { to: 'a@x.example', tries: 1 })).toBe('send')
  expect(await allowMail(limits, link, { to: 'A+1@x.example', tries: 1 })).toBe('drop')
  expect(await allowMail(limits, link, { to: 'b@x.example', tries: 1 })).toBe('send')
  expect(await allowMail(limits, notice, { to: 'a@x.example', tries: 1 })).toBe('send')
})

test('another try of one mail is not counted again for its mailbox', async () => {
  const limits = newLimits()
  for (const tries of [1, 2, 3])
    expect(await allowMail(limits, link, { to: 'a@x.example', tries })).toBe('send')
})

test('mails to many mailboxes of one domain wait once it has enough', async () => {
  const limits = newLimits()
  const allowances: string[] = []
  for (let n = 0; n < 12; n += 1)
    allowances.push(await allowMail(limits, link, { to: `${n}@x.example`, tries: 1 }))
  expect(allowances).toEqual([...Array.from({ length: 10 }, () => 'send'), 'wait', 'wait'])
  expect(await allowMail(limits, link, { to: 'a@y.example', tries: 1 })).toBe('send')
})
