import { newId } from '@finnigram/contracts'
import { ask, type Reply } from '../src/ask.ts'
import { openSocket, Refused } from '../src/open-socket.ts'
import { password } from '../src/person-at-browser.ts'
import { sleepCpuTime } from './cpu-time.ts'
import type { RunningProduct } from './running-product.ts'

/**
 * What came of trying something: it works, it is refused as it should be while something is away,
 * or what went wrong.
 */
export type Outcome = 'works' | 'unavailable' | (string & {})

export interface Trial {
  outcome: Outcome
  ms: number
}

/**
 * The longest a device waits for an answer, in milliseconds that are given: `callTimeoutMs` of the
 * SDK.
 */
const patienceMs = 15_000

/** What people do, each as one call. */
const calls = {
  'log in': ({ cluster }: RunningProduct) =>
    ask(cluster.url, 'POST /v1/auth/login', { body: { identifier: 'ada', password } }),
  'read my profile': (product: RunningProduct) => own(product, 'GET /v1/users/me'),
  'change my profile': (product: RunningProduct) => own(product, 'PATCH /v1/users/me', { bio: 'hello' }),
  'find people': (product: RunningProduct) => own(product, 'GET /v1/users?query=grace'),
  'list conversations': (product: RunningProduct) => own(product, 'GET /v1/conversations'),
  'read history': (product: RunningProduct) =>
    own(product, `GET /v1/conversations/${product.conversationId}/messages`),
  'send a message': (product: RunningProduct) =>
    own(product, `POST /v1/conversations/${product.conversationId}/messages`, { id: newId(), text: 'plain' }),
  'search messages': (product: RunningProduct) => own(product, 'GET /v1/search/messages?q=word'),
  'catch up': (product: RunningProduct) => own(product, 'POST /v1/sync', { known: {} }),
}

/** A socket counts as open when it is told `ready`. */
export type Capability = keyof typeof calls | 'open a socket'

export const ofUsers: Capability[] = ['log in', 'read my profile', 'change my profile', 'find people']
export const ofMessages: Capability[] = [
  'list conversations',
  'read history',
  'send a message',
  'search messages',
  'catch up',
]
export const ofRealtime: Capability[] = ['open a socket']
export const all: Capability[] = [...ofUsers, ...ofMessages, ...ofRealtime]

/** Tries one thing, for as long as a device would wait. */
export async function tryOut(product: RunningProduct, capability: Capability): Promise<Trial> {
  const begun = performance.now()
  const trial =
    capability === 'open a socket' ? trySocket(product) : calls[capability](product).then(judge, String)
  const late = sleepCpuTime(patienceMs).then((): Outcome => 'hangs')
  const outcome = await Promise.race([trial, late])
  return { outcome, ms: Math.round(performance.now() - begun) }
}

const own = ({ cluster, session }: RunningProduct, request: string, body?: unknown) =>
  ask(cluster.url, request, { token: session.accessToken, ...(body === undefined ? {} : { body }) })

function judge({ status, headers, body, text }: Reply): Outcome {
  if (status < 300) return 'works'
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json')
  const { code } = (body ?? {}) as { code?: string }
  const isHonest = isProblem && code === 'unavailable' && Number(headers.get('retry-after')) >= 1
  return status === 503 && isHonest ? 'unavailable' : `${status} ${text}`
}

async function trySocket({ cluster, session }: RunningProduct): Promise<Outcome> {
  try {
    using socket = await openSocket(cluster.url, { token: session.accessToken })
    await Promise.race([
      socket.hears('ready'),
      socket.closed.then(() => Promise.reject(new Refused('closed'))),
    ])
    return 'works'
  } catch (error) {
    const isExpected = error instanceof Refused && ['closed', 'unavailable'].includes(error.code)
    return isExpected ? 'unavailable' : String(error)
  }
}
