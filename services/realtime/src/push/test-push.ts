import {
  newId,
  type PushDevice,
  type RouteBody,
  type RouteReply,
  type realtimeApi,
  usersApi,
} from '@finnigram/contracts'
import { type Actor, pause, type RedisLink } from '@finnigram/service-kit'
import { Expo } from 'expo-server-sdk'
import type { WithLog, WithMessages, WithUsers } from './deps.ts'
import type { WithJobQueue } from './job-queue.ts'
import { countBadges } from './plan-notifications.ts'
import { Outcome } from './push-job.ts'
import { toFailure, type WithExpo } from './send/expo.ts'

type TestPush = typeof realtimeApi.testPush
type Hop = RouteReply<TestPush>['hops'][number]

/** The caller waits for it, in milliseconds. */
const waitMs = 8000
/** When Expo is asked for the receipt, in milliseconds. */
const receiptAfterMs = [500, 1200]

type TestPushDeps = WithExpo & WithJobQueue & WithLog & WithMessages & WithPushTests & WithUsers

/**
 * Sends a test notification to a device of the actor, by the same way as a real one, and reports
 * each hop. Takes ten seconds at most. Throws `not_found`.
 */
export async function testPush(
  ctx: TestPushDeps,
  { userId }: Actor,
  { deviceId }: RouteBody<TestPush>,
): Promise<RouteReply<TestPush>> {
  const device = await ctx.users.call(usersApi.getPushDevice, { params: { userId, deviceId } })
  const hops = await passAll(ctx, device)
  return { ok: hops.every(({ state }) => state !== 'failed'), hops }
}

async function passAll(ctx: TestPushDeps, device: PushDevice & { isWanted: boolean }): Promise<Hop[]> {
  const mistake = mistakeOf(device.target)
  if (mistake) return [{ hop: 'device', state: 'failed', detail: mistake }]
  const known: Hop = { hop: 'device', state: 'passed', detail: 'The server knows this device.' }
  if (!device.isWanted) {
    return [
      known,
      { hop: 'preferences', state: 'failed', detail: 'Notifications are turned off in your settings.' },
    ]
  }
  const quiet = device.quietHours
  const wanted: Hop = {
    hop: 'preferences',
    state: 'passed',
    detail: quiet
      ? `You want notifications, but not from ${quiet.from} to ${quiet.to}; this test comes all the same.`
      : 'You want notifications.',
  }
  return [known, wanted, ...(await passQueue(ctx, device))]
}

function mistakeOf(target: PushDevice['target']): string | undefined {
  if (target.kind === 'expo')
    return Expo.isExpoPushToken(target.token) ? undefined : 'What the app gave is not a push token of Expo.'
  return target.subscription.endpoint.startsWith('https://')
    ? undefined
    : 'The address the browser gave does not begin with https.'
}

async function passQueue(ctx: TestPushDeps, device: PushDevice): Promise<Hop[]> {
  const testId = newId()
  let outcome: Outcome | 'taken' | 'queued'
  try {
    await ctx.queue.add([await toTest(ctx, device, testId)])
    outcome = await ctx.tests.waitFor(testId, waitMs)
  } catch (error) {
    ctx.log.info('A test notification could not be queued', { error })
    return [
      {
        hop: 'queue',
        state: 'failed',
        detail: 'The queue of notifications is away at the moment. Messages are safe; try again in a minute.',
      },
    ]
  }
  if (outcome === 'queued') {
    return [
      {
        hop: 'queue',
        state: 'failed',
        detail: 'Nobody took it from the queue in time: too much is waiting.',
      },
    ]
  }
  const queued: Hop = { hop: 'queue', state: 'passed', detail: 'It went through the queue.' }
  return [queued, ...(await passService(ctx, device, outcome))]
}

async function toTest(ctx: WithMessages, { userId, targetKey, target, sound }: PushDevice, testId: string) {
  const now = Date.now()
  const badges = await countBadges(ctx, [userId]).catch(() => new Map<string, number>())
  const payload = {
    type: 'test' as const,
    conversationId: '',
    seq: 0,
    title: 'Finnigram',
    body: 'Notifications reach this device.',
    badge: badges.get(userId) ?? 0,
    tag: 'test',
  }
  const urgency = 'high' as const
  const start = { count: 1, fromSeq: 0, at: now, queuedAt: now, attempt: 0 }
  return { userId, targetKey, target, sound, urgency, payload, ...start, testId }
}

async function passService(
  ctx: WithExpo,
  { target }: PushDevice,
  outcome: Outcome | 'taken',
): Promise<Hop[]> {
  const hop = 'push service'
  if (outcome === 'taken') {
    return [{ hop, state: 'failed', detail: 'The push service has not answered within eight seconds.' }]
  }
  if (outcome.kind !== 'sent') return [{ hop, state: 'failed', detail: outcome.detail }]
  const taken: Hop = { hop, state: 'passed', detail: outcome.detail }
  if (target.kind === 'webpush') {
    const detail = 'Web Push tells nobody whether a notification was shown: look at the device.'
    return [taken, { hop: 'receipt', state: 'skipped', detail }]
  }
  return [taken, await awaitReceipt(ctx.expo.expo, outcome.receiptId ?? '')]
}

async function awaitReceipt(expo: Expo, id: string): Promise<Hop> {
  const hop = 'receipt'
  for (const ms of receiptAfterMs) {
    await pause(ms)
    const receipts = await expo.getPushNotificationReceiptsAsync([id]).catch(() => undefined)
    const receipt = receipts?.[id]
    if (receipt?.status === 'ok')
      return { hop, state: 'passed', detail: "Apple's or Google's push service has taken it." }
    if (receipt) return { hop, state: 'failed', detail: toFailure(receipt.details?.error).detail }
  }
  return { hop, state: 'pending', detail: 'Expo tells within a quarter of an hour whether it arrived.' }
}

/** Outcomes of tests in Redis, for the node whose caller waits. */
export interface PushTests {
  /** A node has taken it from the queue. */
  markTaken(testId: string): Promise<unknown>
  markEnded(testId: string, outcome: Outcome): Promise<unknown>
  /** Waits for the end for at most `ms`: the outcome, or how far it came. */
  waitFor(testId: string, ms: number): Promise<Outcome | 'taken' | 'queued'>
}

export interface WithPushTests {
  readonly tests: PushTests
}

/** How long an outcome is kept, in milliseconds. */
const keptForMs = 60_000
const lookEveryMs = 100
const takenMark = 'taken'

export function createPushTests({ commands }: RedisLink): PushTests {
  const keyOf = (testId: string) => `finnigram:push:test:${testId}`
  const write = (testId: string, text: string) => commands.set(keyOf(testId), text, 'PX', keptForMs)
  return {
    markTaken: (testId) => write(testId, takenMark),
    markEnded: (testId, outcome) => write(testId, JSON.stringify(outcome)),
    async waitFor(testId, ms) {
      const deadline = performance.now() + ms
      for (;;) {
        const text = await commands.get(keyOf(testId))
        if (text !== null && text !== takenMark) return Outcome.parse(JSON.parse(text))
        if (performance.now() > deadline) return text === takenMark ? 'taken' : 'queued'
        await pause(lookEveryMs)
      }
    },
  }
}
