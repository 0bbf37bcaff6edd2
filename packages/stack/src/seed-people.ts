import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secrets } from './data-directory/prepare-data-directory.ts'

/** A person to try the product with. */
export interface SeededPerson {
  username: string
  displayName: string
  password: string
}

interface SignedIn {
  accessToken: string
  user: { id: string }
}

/**
 * Creates Ada, Grace and their conversation through the public API at the first start; returns both
 * at every start.
 */
export async function seedPeople(
  url: string,
  { dataDirectory, secrets }: { dataDirectory: string; secrets: Secrets },
): Promise<SeededPerson[]> {
  const ada = { username: 'ada', displayName: 'Ada Lovelace', password: secrets.adaPassword }
  const grace = { username: 'grace', displayName: 'Grace Hopper', password: secrets.gracePassword }
  const donePath = join(dataDirectory, 'seeded')
  const isDone = await stat(donePath).then(
    () => true,
    () => false,
  )
  if (!isDone) {
    const signedIn = { ada: await signIn(url, ada), grace: await signIn(url, grace) }
    await sendFirstMessages(url, signedIn)
    await writeFile(donePath, `${new Date().toISOString()}\n`)
  }
  return [ada, grace]
}

/** Registers a person, or signs them in if an earlier start did that already. */
async function signIn(url: string, person: SeededPerson): Promise<SignedIn> {
  const registered = await callApi<SignedIn>(`${url}/v1/auth/register`, {
    body: person,
    accepted: [201, 409],
  })
  if (registered.status === 201) return registered.body
  const { username: identifier, password } = person
  return (await callApi<SignedIn>(`${url}/v1/auth/login`, { body: { identifier, password } })).body
}

async function sendFirstMessages(url: string, people: Record<'ada' | 'grace', SignedIn>) {
  const conversation = await openConversation(url, people)
  for (const { id, from, text } of firstConversation) {
    const token = people[from].accessToken
    await callApi(`${url}/v1/conversations/${conversation}/messages`, { body: { id, text }, token })
  }
}

/** The messages service learns of new people by an event, so it may not know Grace for a moment. */
async function openConversation(url: string, { ada, grace }: Record<'ada' | 'grace', SignedIn>) {
  const body = { kind: 'direct', userId: grace.user.id }
  for (let tries = 0; ; tries++) {
    const accepted = tries < 50 ? [200, 201, 404, 400, 503] : [200, 201]
    const answer = await callApi<{ id: string }>(`${url}/v1/conversations`, {
      body,
      token: ada.accessToken,
      accepted,
    })
    if (answer.status < 300) return answer.body.id
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** One JSON call to the public API; throws on a status that is not among `accepted`. */
async function callApi<T>(
  url: string,
  { body, token, accepted = [200, 201, 204] }: { body: object; token?: string; accepted?: number[] },
): Promise<{ status: number; body: T }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  })
  const text = await answer.text()
  if (!accepted.includes(answer.status))
    throw new Error(`POST ${url} answered ${answer.status}: ${text.slice(0, 500)}`)
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as T }
}

/** What Ada and Grace say. The ids are fixed, so that an interrupted start sends nothing twice. */
const firstConversation: readonly { id: string; from: 'ada' | 'grace'; text: string }[] = [
  { id: '019b76da-a800-7000-8000-0000000000a1', from: 'ada', text: 'Hi Grace! Is this thing on?' },
  {
    id: '019b76da-a800-7000-8000-0000000000a2',
    from: 'grace',
    text: 'Loud and clear. Nice place you have here.',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a3',
    from: 'ada',
    text: 'Thank you! It runs on my own machine: three services, one database each, and nobody else’s cloud.',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a4',
    from: 'grace',
    text: 'And if I close the lid in the middle of a sentence?',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a5',
    from: 'ada',
    text: 'Then it waits on your device and goes out by itself when you are back. Once, and in order.',
  },
  { id: '019b76da-a800-7000-8000-0000000000a6', from: 'grace', text: 'You had me at “in order” 🙂' },
  { id: '019b76da-a800-7000-8000-0000000000a7', from: 'ada', text: 'Tea at four?' },
  { id: '019b76da-a800-7000-8000-0000000000a8', from: 'grace', text: 'Tea at four. I’ll bring the moth.' },
]
