import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { PushPayload } from '../push/push-job.ts'
import { vapidMistake } from './check-vapid.ts'
import { makeCertificate } from './make-certificate.ts'
import { giveAnswer, type PushAnswer } from './push-answer.ts'
import { newEcdh, readPushBody, type SubscriptionSecrets } from './read-push-body.ts'
import { serveOnPort } from './serve-on-port.ts'
import { shownBy } from './visible-notifications.ts'

/** A push message that was taken for a browser, decrypted. */
export interface ReceivedPush {
  readonly payload: PushPayload
  readonly ttl: number
  readonly topic: string | undefined
  readonly urgency: string | undefined
}

/** A browser that wants to be notified. */
export interface TestBrowser {
  /** As `pushManager.subscribe` gives it. */
  readonly subscription: {
    endpoint: string
    expirationTime: null
    keys: { p256dh: string; auth: string }
  }
  readonly received: ReceivedPush[]
  /** Requests for this browser, answered well or not. */
  readonly attempts: number
  /** Given to the next requests, one each; once there are none, what comes is checked and taken. */
  readonly answers: PushAnswer[]
  /** Given to every request while it is set. */
  always: PushAnswer | undefined
  /** Every answer waits for it, while it is set. */
  answersAfter: Promise<unknown> | undefined
  /** What stands on the screen, by tag. */
  shown(): Map<string, PushPayload>
}

export interface WebPushService extends AsyncDisposable {
  /** Its origin, `https:`. */
  readonly url: string
  /** The certificate as a PEM file, for `NODE_EXTRA_CA_CERTS` of whoever sends here. */
  readonly certificateFile: string
  /** The same as text, for `tls.setDefaultCACertificates`. */
  readonly certificate: string
  /** Requests that did not keep to the protocols, and why. */
  readonly mistakes: string[]
  /** Subscribes, with the server's public key as `applicationServerKey`. */
  subscribe(applicationServerKey?: string): TestBrowser
  /** Gone, as after a kill. */
  stop(): Promise<void>
  start(): Promise<void>
}

interface Subscription {
  browser: TestBrowser & { attempts: number }
  secrets: SubscriptionSecrets
  key: string | undefined
}

const longestBody = 4096

/**
 * A push service that speaks Web Push (RFC 8030) over TLS on the loopback interface: checks VAPID,
 * TTL, Topic and Urgency, and decrypts what it takes as the browser would.
 */
export async function startWebPushService({ port = 0 } = {}): Promise<WebPushService> {
  const certificate = makeCertificate()
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-web-push-'))
  const certificateFile = join(dir, 'certificate.pem')
  await writeFile(certificateFile, certificate.cert)
  const subscriptions = new Map<string, Subscription>()
  const mistakes: string[] = []

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const subscription = subscriptions.get(request.url ?? '')
    if (request.method !== 'POST' || !subscription) return giveAnswer(response, 404)
    const { browser } = subscription
    browser.attempts += 1
    const body = await buffer(request)
    await browser.answersAfter
    const scripted = browser.always ?? browser.answers.shift()
    if (scripted !== undefined && scripted !== 201) return giveAnswer(response, scripted)
    const mistake = takeMessage(subscription, { headers: request.headers, body, origin: service.url })
    if (mistake) mistakes.push(mistake.reason)
    giveAnswer(response, mistake ? { status: mistake.status, body: mistake.reason } : 201)
  }
  const server = await serveOnPort(
    (request, response) => {
      serve(request, response).catch(() => response.destroy())
    },
    { port, certificate },
  )
  const service: WebPushService = {
    url: `https://127.0.0.1:${server.port}`,
    certificate: certificate.cert,
    certificateFile,
    mistakes,
    subscribe(key) {
      const path = `/push/${randomBytes(16).toString('base64url')}`
      const secrets = { keys: newEcdh(), auth: randomBytes(16) }
      const browser = newBrowser(service.url + path, secrets)
      subscriptions.set(path, { browser, secrets, key })
      return browser
    },
    stop: server.stop,
    start: server.start,
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return service
}

function newBrowser(endpoint: string, { keys, auth }: SubscriptionSecrets): Subscription['browser'] {
  const received: ReceivedPush[] = []
  return {
    subscription: {
      endpoint,
      expirationTime: null,
      keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
    },
    received,
    attempts: 0,
    answers: [],
    always: undefined,
    answersAfter: undefined,
    shown: () => shownBy(received.map(({ payload }) => payload)),
  }
}

/** Checks a request as push services do, and hands it to the browser; what is wrong otherwise. */
function takeMessage(
  { browser, secrets, key }: Subscription,
  { headers, body, origin }: { headers: IncomingMessage['headers']; body: Buffer; origin: string },
): { status: number; reason: string } | undefined {
  const refuse = (status: number, reason: string) => ({ status, reason })
  const { ttl, topic, urgency } = headers
  const vapid = vapidMistake(headers.authorization, { origin, expectedKey: key })
  if (vapid) return refuse(403, vapid)
  if (typeof ttl !== 'string' || !/^\d+$/.test(ttl)) return refuse(400, 'There is no TTL')
  if (topic !== undefined && !/^[\w-]{1,32}$/.test(String(topic))) return refuse(400, 'The topic is not one')
  if (urgency !== undefined && !/^(very-low|low|normal|high)$/.test(String(urgency)))
    return refuse(400, 'The urgency is not one')
  if (headers['content-encoding'] !== 'aes128gcm') return refuse(415, 'The encoding is not aes128gcm')
  if (body.length > longestBody) return refuse(413, 'The message is too long')
  try {
    const payload = JSON.parse(readPushBody(body, secrets)) as PushPayload
    browser.received.push({ payload, ttl: Number(ttl), topic: text(topic), urgency: text(urgency) })
  } catch (error) {
    return refuse(400, `The browser cannot read it: ${String(error)}`)
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
