import { parentPort } from 'node:worker_threads'
import webpush from 'web-push'

/** What is to be encrypted for one browser; `id` comes back with the result. */
export interface EncryptionOrder {
  readonly id: number
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
  readonly payload: string
  readonly authorization: string
  readonly ttl: number
  readonly topic: string
  readonly urgency: 'high' | 'normal' | 'low'
}

/** The request without its address; `undefined` when the subscription has no usable keys. */
export interface EncryptionResult {
  readonly id: number
  readonly request: EncryptedRequest | undefined
}

export interface EncryptedRequest {
  readonly headers: Record<string, string | number>
  readonly body: Uint8Array<ArrayBuffer>
}

function encrypt({ endpoint, keys, payload, authorization, ...options }: EncryptionOrder) {
  try {
    const { headers, body } = webpush.generateRequestDetails({ endpoint, keys }, payload, {
      headers: { Authorization: authorization },
      TTL: options.ttl,
      topic: options.topic,
      urgency: options.urgency,
    })
    // A copy of its own: a Buffer shares its memory with others, and cannot be transferred.
    return { headers: headers as Record<string, string | number>, body: new Uint8Array(body) }
  } catch {
    return undefined
  }
}

/** Runs in a worker thread: a key exchange takes 0.3 ms, in which no socket would be served. */
parentPort?.on('message', (order: EncryptionOrder) => {
  const request = encrypt(order)
  const result: EncryptionResult = { id: order.id, request }
  parentPort?.postMessage(result, request ? [request.body.buffer] : [])
})
