import type { Conversation, SignedIn } from '@finnigram/contracts'
import type { Person } from './person.ts'

/** One call of the public API, JSON both ways; throws with the reply when it is refused. */
export async function call<T>(
  url: string,
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<T> {
  const reply = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`)
  return (await reply.json()) as T
}

/** Registers `count` people, a few at a time, as a newcomer would. */
export async function registerPeople(url: string, prefix: string, count: number): Promise<Person[]> {
  const people: Person[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const number = next
      next += 1
      const body = {
        username: `${prefix}${number}`,
        displayName: `${prefix} ${number}`,
        password: passwordOf(prefix),
      }
      const { user, accessToken } = await call<SignedIn>(url, '/v1/auth/register', { body })
      people[number] = { id: user.id, token: accessToken, url }
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  return people
}

const passwordOf = (prefix: string) => `open sesame ${prefix}`

/** The same person with a new token: one lasts a quarter of an hour. */
export async function signInAgain({ url }: Person, prefix: string, number: number): Promise<Person> {
  const body = { identifier: `${prefix}${number}`, password: passwordOf(prefix) }
  const { user, accessToken } = await call<SignedIn>(url, '/v1/auth/login', { body })
  return { id: user.id, token: accessToken, url }
}

export interface Group {
  id: string
  members: Person[]
}

/** Puts people into groups of `size`, the first of each being its owner. */
export async function makeGroups(url: string, people: readonly Person[], size: number): Promise<Group[]> {
  const groups: Group[] = []
  for (let start = 0; start + size <= people.length; start += size) {
    const members = people.slice(start, start + size)
    const [owner, ...others] = members
    if (owner === undefined) break
    const { id } = await call<Conversation>(url, '/v1/conversations', {
      token: owner.token,
      body: { kind: 'group', title: `Group ${start / size + 1}`, userIds: others.map((person) => person.id) },
    })
    groups.push({ id, members })
  }
  return groups
}
