import { createHash } from 'node:crypto'
import type { Resolver } from 'node:dns/promises'
import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicHost } from '@finnigram/service-kit'
import { keptForSeconds, type Outcome, type PushJob, patienceMs, retryAfterMs } from '../push-job.ts'
import { createVapidHeaders, createYieldToEventLoop, type PushKeys } from '../vapid.ts'
import { createPushEncryption, type PushEncryption } from './encryption.ts'
import type { EncryptedRequest } from './encryption-worker.ts'
import { createPublicLookup, PrivateAddressError, post } from './ssrf-safe-post.ts'
import { createCircuitBreakers, createPersonLimits } from './web-push-limits.ts'

export interface WebPushSender extends Disposable {
  send(job: PushJob): Promise<Outcome>
}

type Subscription = Extract<PushJob['target'], { kind: 'webpush' }>['subscription']

export interface WebPushOptions {
  keys: PushKeys
  /** Contact for push services: `mailto:` or `https:`. */
  subject: string
  allowPrivate: boolean
  /** By default the name servers of the machine. */
  resolver?: Resolver
  encryption?: PushEncryption
}

/**
 * Sends by Web Push (RFC 8030), encrypted for the browser (RFC 8291), signed by VAPID (RFC 8292).
 * Clients choose the endpoints: only `https:` and public addresses are used, unless `allowPrivate`.
 */
export function createWebPushSender(options: WebPushOptions): WebPushSender {
  const { allowPrivate, resolver, encryption = createPushEncryption() } = options
  const agent = createAgent(allowPrivate ? {} : { lookup: createPublicLookup(resolver) })
  const breakers = createCircuitBreakers()
  const persons = createPersonLimits()
  const sending = {
    ...options,
    agent,
    encryption,
    yieldToEventLoop: createYieldToEventLoop(),
    vapidHeader: createVapidHeaders(options.subject),
  }
  return {
    async send(job) {
      if (job.target.kind !== 'webpush') throw new Error('This is no browser')
      const { subscription } = job.target
      const endpoint = new URL(subscription.endpoint)
      const refusal = refuse(endpoint, allowPrivate)
      if (refusal) return refusal
      const rest = breakers.openForMs(endpoint.host) ?? persons.openForMs(job.userId)
      if (rest !== undefined && !job.testId) return { ...away, afterMs: rest, untried: true }
      persons.begin(job.userId)
      const startedAt = performance.now()
      let isWell = true
      try {
        const outcome = await sendTo(subscription, job, sending)
        if (outcome === isNotEncrypted) return outcome
        isWell = outcome.kind !== 'later'
        breakers.record(endpoint.host, isWell, startedAt)
        return outcome
      } catch (error) {
        if (error instanceof PrivateAddressError) return isPrivate
        isWell = false
        breakers.record(endpoint.host, isWell, startedAt)
        return away
      } finally {
        persons.end(job.userId, isWell, startedAt)
      }
    },
    [Symbol.dispose]() {
      agent.destroy()
      encryption[Symbol.dispose]()
    },
  }
}

const createAgent = (lookup: { lookup?: LookupFunction }) =>
  new Agent({
    keepAlive: true,
    maxSockets: 32,
    // Idle connections count, too: more than the dispatcher has jobs in flight.
    maxTotalSockets: 1000,
    timeout: 5000,
    ...lookup,
  })

interface Sending extends WebPushOptions {
  agent: Agent
  encryption: PushEncryption
  yieldToEventLoop: () => Promise<void>
  vapidHeader: ReturnType<typeof createVapidHeaders>
}

async function sendTo(subscription: Subscription, job: PushJob, sending: Sending): Promise<Outcome> {
  const keys = await sending.keys.get()
  await sending.yieldToEventLoop()
  const endpoint = new URL(subscription.endpoint)
  const authorization = sending.vapidHeader(endpoint.origin, keys)
  const request = await encrypt(sending.encryption, job, { subscription, authorization })
  if (request === 'failed') return isNotEncrypted
  if (!request) return { kind: 'gone', detail: 'What the browser gave to subscribe with is not a key.' }
  const { status, headers } = await post(endpoint, {
    headers: request.headers,
    body: Buffer.from(request.body.buffer),
    agent: sending.agent,
    timeoutMs: patienceMs,
  })
  return toOutcome(status, headers['retry-after'])
}

const away = { kind: 'later', reason: 'away', detail: "The browser's push service does not answer." } as const
const isPrivate = {
  kind: 'refused',
  reason: 'private',
  detail: 'The address the browser gave does not lead to the public internet.',
} as const
const isInsecure = {
  kind: 'refused',
  reason: 'insecure',
  detail: 'The address the browser gave does not begin with https.',
} as const

/** It never left this server, so no push service is to blame. */
const isNotEncrypted = {
  kind: 'later',
  reason: 'encryption',
  detail: 'The server could not encrypt it at the moment.',
} as const

/** A literal address is connected to without being looked up. */
function refuse({ protocol, hostname }: URL, allowPrivate: boolean): Outcome | undefined {
  if (protocol !== 'https:') return isInsecure
  return allowPrivate || isPublicHost(hostname) ? undefined : isPrivate
}

/** The request without its address; undefined when the subscription has no usable keys. */
async function encrypt(
  encryption: PushEncryption,
  { payload, urgency }: PushJob,
  { subscription: { endpoint, keys }, authorization }: { subscription: Subscription; authorization: string },
): Promise<EncryptedRequest | undefined | 'failed'> {
  try {
    return await encryption.encrypt({
      endpoint,
      keys,
      payload: JSON.stringify(payload),
      authorization,
      ttl: keptForSeconds[payload.type],
      topic: toTopic(payload.tag),
      urgency,
    })
  } catch {
    return 'failed'
  }
}

function toOutcome(status: number, retryAfter: string | undefined): Outcome {
  const detail = `The browser's push service answered ${status}.`
  if (status >= 200 && status < 300)
    return { kind: 'sent', detail: "The browser's push service has taken it." }
  if (status === 404 || status === 410)
    return { kind: 'gone', detail: `${detail} It does not know this browser any more.` }
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = retryAfterMs(retryAfter)
    return {
      kind: 'later',
      reason: status === 429 ? 'limited' : 'failing',
      detail,
      ...(afterMs === undefined ? {} : { afterMs }),
    }
  }
  return { kind: 'refused', reason: String(status), detail, mayBeGone: status !== 413 }
}

/**
 * `Topic` of RFC 8030, 32 characters at most: by the hash push services replace notifications
 * without learning the conversation.
 */
const toTopic = (tag: string): string => createHash('sha256').update(tag).digest('base64url').slice(0, 32)
