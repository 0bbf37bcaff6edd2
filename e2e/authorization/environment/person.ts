import { setTimeout as sleep } from 'node:timers/promises'
import type { SignedIn } from '@finnigram/contracts'
import { ask, type Question, type Reply } from '../../src/ask.ts'

/** Somebody with an account, and one session of theirs. */
export interface Person {
  username: string
  password: string
  email: string
  userId: string
  sessionId: string
  /** Undefined for who calls without signing in. */
  token: string | undefined
  refreshToken: string
}

let last = 0
/** A username nobody has yet. */
export const newUsername = (start: string) => {
  last += 1
  return `${start}.${last}`
}

/** Signs somebody up, with an e-mail address that is a secret. */
export async function registerPerson(url: string, start: string): Promise<Person> {
  const username = newUsername(start)
  const email = `hush-${username}@mail.example`
  const password = `${username} walks along the sea`
  const body = { username, displayName: start, password, email }
  return { username, password, email, ...sessionOf(await done(url, 'POST /v1/auth/register', { body })) }
}

/** The same person with a session of another device. */
export async function signInAgain(url: string, person: Person): Promise<Person> {
  const body = { identifier: person.username, password: person.password }
  return { ...person, ...sessionOf(await done(url, 'POST /v1/auth/login', { body })) }
}

/** One call that must succeed; what it answered. */
export async function done<T>(url: string, request: string, question: Question): Promise<T> {
  return (await succeeded(url, request, question)).body as T
}

/**
 * One call that must succeed, with its headers. One that is told to come later does, as every
 * client.
 */
export async function succeeded(url: string, request: string, question: Question): Promise<Reply> {
  let reply = await ask(url, request, question)
  for (let tries = 0; reply.status === 429 && tries < 5; tries += 1) {
    await sleep(1000 * Number(reply.headers.get('retry-after') ?? 1))
    reply = await ask(url, request, question)
  }
  if (reply.status >= 400) throw new Error(`${request} answered ${reply.status}: ${reply.text}`)
  return reply
}

function sessionOf({ user, accessToken, refreshToken }: SignedIn) {
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as {
    sid: string
  }
  return { userId: user.id, sessionId: claims.sid, token: accessToken, refreshToken }
}
