import type { SignedIn } from '@finnigram/contracts'
import { password } from './person-at-browser.ts'

interface ApiCall {
  token?: string
  body?: unknown
}

/** One call of the public API; throws with the reply when it is refused. */
export async function callApi<T>(url: string, path: string, { token, body }: ApiCall = {}): Promise<T> {
  const reply = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`)
  return (reply.status === 204 ? undefined : await reply.json()) as T
}

/** Registers someone without a browser, under the journeys' password. */
export const registerByApi = (url: string, username: string, displayName: string) =>
  callApi<SignedIn>(url, '/v1/auth/register', { body: { username, displayName, password } })

/** Signs that person in once more. */
export const logInByApi = (url: string, username: string) =>
  callApi<SignedIn>(url, '/v1/auth/login', { body: { identifier: username, password } })
