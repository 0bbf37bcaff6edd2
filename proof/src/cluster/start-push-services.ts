import { setTimeout as sleep } from 'node:timers/promises'
import { realtimeApi, usersApi } from '@finnigram/contracts'
import { type PushPayload, startExpoService, startWebPushService } from '@finnigram/realtime/testing'
import type { Device } from '../devices/device.ts'
import { marksIn } from '../devices/flight-recorder.ts'
import type { RunClock } from '../devices/run-clock.ts'
import type { PushHistory, SentPush } from '../history/history.ts'
import type { Environment } from '../operations/operation.ts'
import type { LinkName } from './cluster.ts'

/** Push services of our own, which keep all that they are sent. */
export interface PushServices extends AsyncDisposable {
  /** Behind the link `push`. */
  readonly expoPort: number
  settings(ports: Readonly<Record<LinkName, number>>): Record<string, string>
  /** Registers every device that is to be notified, as the app does. */
  register(environment: Environment): Promise<void>
  /**
   * Resolves when whatever was sent before `healedAt` has been decided and taken: nothing is on its
   * way any more, by the servers' own count, and nothing comes.
   */
  untilAllSent(healedAt: number, backlog: () => Promise<number>): Promise<void>
  history(): PushHistory
}

const delayMs = 4_000
/** After the delay: the planner's round, the queue and the way to the push service. */
const roundMs = 3_000
/** Waited for no longer, however many still come. */
const mostMs = 90_000
const lookEveryMs = 100

export async function startPushServices(now: RunClock): Promise<PushServices> {
  await using started = new AsyncDisposableStack()
  const web = started.use(await startWebPushService())
  const expo = started.use(await startExpoService())
  const inboxes = new Map<string, () => readonly Partial<PushPayload>[]>()
  const sent: SentPush[] = []
  const seen = new Map<string, number>()
  const look = () => {
    for (const [pushId, inbox] of inboxes) {
      const payloads = inbox()
      for (const payload of payloads.slice(seen.get(pushId) ?? 0))
        sent.push(toSentPush(pushId, payload, now()))
      seen.set(pushId, payloads.length)
    }
  }
  const timer = setInterval(look, lookEveryMs)
  started.defer(() => clearInterval(timer))

  const registerOne = async (device: Device, kind: 'webpush' | 'expo') => {
    const { client, clock, name } = device
    if (!client) return
    const pushId = `push-${name}`
    const { publicKey } = await client.api.call(realtimeApi.getPushKey, {})
    const browser = web.subscribe(publicKey)
    const phone = expo.newPhone()
    const body =
      kind === 'expo'
        ? ({ kind, token: phone.token, name } as const)
        : ({ kind, subscription: browser.subscription, name } as const)
    await clock.run(() => client.api.call(usersApi.putDevice, { params: { deviceId: pushId }, body }))
    inboxes.set(pushId, () =>
      kind === 'expo'
        ? phone.received.map(({ data }) => data as Partial<PushPayload>)
        : browser.received.map(({ payload }) => payload),
    )
    device.pushId = pushId
  }
  const running = started.move()
  return {
    expoPort: Number(new URL(expo.url).port),
    settings: (ports) => ({
      PUSH_DELAY_MS: String(delayMs),
      PUSH_APART_MS: '0',
      PUSH_ALLOW_PRIVATE: 'true',
      EXPO_PUSH_URL: `http://127.0.0.1:${ports.push}`,
      NODE_EXTRA_CA_CERTS: web.certificateFile,
    }),
    async register({ devices, plan }) {
      for (const [number, { push }] of plan.devices.entries()) {
        const device = devices[number]
        if (device && push) await registerOne(device, push)
      }
    },
    async untilAllSent(healedAt, backlog) {
      await sleep(Math.max(0, healedAt + delayMs + roundMs - now()))
      for (let count = -1, left = 1; (count !== sent.length || left > 0) && now() < healedAt + mostMs; ) {
        count = sent.length
        await sleep(roundMs)
        left = await backlog()
      }
    },
    history() {
      look()
      return { delayMs, sent }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function toSentPush(pushId: string, payload: Partial<PushPayload>, at: number): SentPush {
  const { type = 'message', conversationId = null, seq = null, body = '' } = payload
  return { pushId, at, type, conversationId, seq, texts: marksIn(body) }
}
