import type { IncomingHttpHeaders } from 'node:http'
import { type Agent, request } from 'node:https'

/** Bytes of an answer that are waited for: only its head matters. */
const readAtMost = 16_384

/**
 * Posts to an address that a stranger chose: no redirect is followed, little of the answer is read, and all of it takes
 * `timeoutMs` at most. Rejects when there is no answer in time.
 */
export function post(
  endpoint: URL,
  {
    headers,
    body,
    agent,
    timeoutMs,
  }: { headers: Record<string, string | number>; body: Buffer; agent: Agent; timeoutMs: number },
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sending = request(endpoint, { method: 'POST', headers, agent }, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
      let read = 0
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > readAtMost) sending.destroy()
      })
    })
    // Also ends an answer that never does.
    const timer = setTimeout(() => sending.destroy(new Error('No answer in time')), timeoutMs)
    sending.once('close', () => clearTimeout(timer))
    sending.once('error', reject)
    sending.end(body)
  })
}
