import { createLogger, createRateLimiter } from '@finnigram/service-kit'
import { expect, test, vi } from 'vitest'
import type { MailJob } from './mail-job.ts'
import { consumeMailLimit } from './mail-rate-limit.ts'

const log = createLogger({ service: 'test', nodeId: 'a', level: 'warn' })
/** By default of each limit a hundredth: one link, ten mails to the unproven of one domain. */
const newLimits = (scale = 0.01) =>
  createRateLimiter({ service: 'test', secret: 'x', redis: undefined, scale, log })
const reset: MailJob = { kind: 'reset_password', email: 'a@x.example', ip: '192.0.2.1' }
const verification: MailJob = { kind: 'verify_email', userId: 'u', email: 'a@x.example' }
const notice = (about: Extract<MailJob, { kind: 'notice' }>['about']): MailJob => ({
  kind: 'notice',
  userId: 'u',
  email: 'a@x.example',
  username: 'a',
  about,
  at: '2026-11-30T00:00:00.000Z',
})
const unproven = (to: string, tries = 1) => ({ to, isProven: false, tries })
const proven = (to: string, tries = 1) => ({ to, isProven: true, tries })

test('links to an unproven mailbox are limited, however it is spelled', async () => {
  for (const job of [reset, verification]) {
    const limits = newLimits()
    expect(await consumeMailLimit(limits, job, unproven('ada@x.example'))).toBe('send')
    expect(await consumeMailLimit(limits, job, unproven('ADA+1@x.example'))).toBe('drop')
    expect(await consumeMailLimit(limits, job, unproven('bea@x.example'))).toBe('send')
    expect(await consumeMailLimit(limits, job, unproven('jürgen@müller.example'))).toBe('send')
    expect(await consumeMailLimit(limits, job, unproven('Jürgen+1@xn--mller-kva.example'))).toBe('drop')
  }
})

test('requests with other spellings do not use up the limits of the proven owner', async () => {
  const limits = newLimits()
  for (const spelling of ['ada+1', 'ada+2', 'ada+3', 'ada'])
    for (const job of [reset, verification])
      await consumeMailLimit(limits, job, unproven(`${spelling}@x.example`))
  // Nor does another owner of a proven spelling.
  for (let n = 0; n < 3; n += 1) await consumeMailLimit(limits, reset, proven('ada+1@x.example'))
  expect(await consumeMailLimit(limits, reset, proven('ada@x.example'))).toBe('send')
  expect(await consumeMailLimit(limits, notice('password_changed'), proven('ada@x.example'))).toBe('send')
})

test('links that prove an address and links that set a password are counted separately', async () => {
  const limits = newLimits()
  expect(await consumeMailLimit(limits, verification, unproven('a@x.example'))).toBe('send')
  expect(await consumeMailLimit(limits, verification, unproven('a@x.example'))).toBe('drop')
  expect(await consumeMailLimit(limits, reset, unproven('a@x.example'))).toBe('send')
})

test('however often strangers ask in an owner’s name, a valid link is in the mailbox at any time', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  try {
    const limits = newLimits(1)
    const sentAt: number[] = []
    // A day of asking every minute.
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      if ((await consumeMailLimit(limits, reset, proven('ada@x.example'))) === 'send') sentAt.push(minute)
      expect(minute - (sentAt.at(-1) ?? Number.NEGATIVE_INFINITY)).toBeLessThan(30)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(sentAt.length).toBeLessThan(30 + (24 * 60) / 25 + 1)
  } finally {
    vi.useRealTimers()
  }
})

test('many notices of one kind do not suppress another kind', async () => {
  const limits = newLimits()
  expect(await consumeMailLimit(limits, notice('totp_enabled'), proven('a@x.example'))).toBe('send')
  expect(await consumeMailLimit(limits, notice('totp_enabled'), proven('a@x.example'))).toBe('drop')
  expect(await consumeMailLimit(limits, notice('email_change_requested'), proven('a@x.example'))).toBe('send')
})

test('another attempt of one mail does not count again for its mailbox', async () => {
  const limits = newLimits()
  for (const tries of [1, 2, 3])
    expect(await consumeMailLimit(limits, verification, unproven('a@x.example', tries))).toBe('send')
})

test('mails to unproven mailboxes of a domain wait beyond its limit, those to proven owners do not', async () => {
  const limits = newLimits()
  const allowances: string[] = []
  for (let n = 0; n < 12; n += 1)
    allowances.push(await consumeMailLimit(limits, verification, unproven(`${n}@müller.example`)))
  expect(allowances).toEqual([...Array.from({ length: 10 }, () => 'send'), 'wait', 'wait'])
  expect(await consumeMailLimit(limits, verification, unproven('a@xn--mller-kva.example'))).toBe('wait')
  expect(await consumeMailLimit(limits, verification, unproven('a@y.example'))).toBe('send')
  expect(await consumeMailLimit(limits, reset, proven('ada@müller.example'))).toBe('send')
})
