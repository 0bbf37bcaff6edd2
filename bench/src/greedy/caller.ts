import { Agent, request } from 'node:http'

export interface Answer {
  status: number
  /** What the server asked to wait, in milliseconds; 0 where it did not. */
  retryAfterMs: number
  location: string
  /** Empty unless the call `reads`. */
  text: string
}

export interface Call {
  token?: string
  /** JSON unless it is bytes. */
  body?: unknown
  headers?: Record<string, string>
  /** Whether the text of the answer is wanted. */
  reads?: boolean
  /** Gives up without an answer for so long, in milliseconds. */
  patienceMs?: number
}

/** Calls the public API from one address of this machine. */
export interface Caller extends Disposable {
  /** `what` is a method and a path. Rejects when there is no answer. */
  ask(what: string, call?: Call): Promise<Answer>
}

const usualPatienceMs = 60_000

/** `address` is one of loopback's (127.x.y.z): the server counts it as a place of its own. */
export function createCaller({ url, address }: { url: string; address: string }): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })
  const { hostname, port } = new URL(url)
  return {
    ask: (what, call = {}) =>
      new Promise((resolve, reject) => {
        const [method, path] = what.split(' ')
        const bytes = bytesOf(call.body)
        const asking = request({
          host: hostname,
          port,
          agent,
          localAddress: address,
          method,
          path,
          timeout: call.patienceMs ?? usualPatienceMs,
          headers: {
            ...(call.token ? { authorization: `Bearer ${call.token}` } : {}),
            ...(bytes ? { 'content-type': 'application/json', 'content-length': String(bytes.length) } : {}),
            ...call.headers,
          },
        })
        asking.on('timeout', () => asking.destroy(new Error('No answer in time')))
        asking.on('error', reject)
        asking.on('response', (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => call.reads && pieces.push(piece))
          answer.on('error', reject)
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              retryAfterMs: Number(answer.headers['retry-after'] ?? 0) * 1_000,
              location: answer.headers.location ?? '',
              text: Buffer.concat(pieces).toString(),
            }),
          )
        })
        asking.end(bytes)
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
}

/**
 * Asks until the server takes it, waiting as long as it says; for what must be there before
 * anything is measured.
 */
export async function insist(caller: Caller, what: string, call: Call = {}): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await caller.ask(what, { ...call, reads: true })
    if (answer.status < 300) return answer
    const mayWait = (answer.status === 429 || answer.status === 503) && tries < 20
    if (!mayWait) throw new Error(`${what} answered ${answer.status}: ${answer.text}`)
    await new Promise((resolve) => setTimeout(resolve, Math.max(100, answer.retryAfterMs)))
  }
}

/** `insist`, and what the answer's JSON says. */
export const insistOn = async <T>(caller: Caller, what: string, call: Call = {}): Promise<T> =>
  JSON.parse((await insist(caller, what, call)).text) as T
