import type { Conversation, SignedIn } from '@finnigram/contracts'
import { WebSocket } from 'ws'
import { frames, messageNumbers, readAck } from './frames.ts'

export interface Person {
  id: string
  token: string
  /** Where this person connects. */
  url: string
  /** Where they connect from, if it matters: an address of loopback. */
  address?: string
}

export interface PersonSocket {
  person: Person
  /** Sends one event; settles with whether the server took it. */
  emit(name: string, data: unknown): Promise<boolean>
  close(): void
}

/**
 * Opens a person's socket; settles when the server says `ready`. `onMessages` gets the numbers of
 * each frame, `onEnd` hears of its end.
 */
export function openSocket(
  person: Person,
  onMessages: (numbers: number[], at: number) => void,
  onEnd: () => void = () => {},
): Promise<PersonSocket> {
  const socket = new WebSocket(`${person.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    ...(person.address === undefined ? {} : { localAddress: person.address }),
  })
  const waiting = new Map<number, (ok: boolean) => void>()
  let nextAck = 0

  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code) => {
      reject(new Error(`The socket closed with ${code}`))
      for (const settle of waiting.values()) settle(false)
      onEnd()
    })
    socket.on('message', (data) => {
      const at = performance.now()
      const frame = data.toString()
      if (frame === frames.ping) return socket.send(frames.pong)
      if (frame.startsWith('0')) return socket.send(frames.connect(person.token))
      if (frames.isRefused(frame)) return reject(new Error(`Refused: ${frame}`))
      if (frames.isEvents(frame)) return onMessages(messageNumbers(frame), at)
      if (frames.isReady(frame)) return resolve({ person, emit, close: () => socket.close() })
      const ack = readAck(frame)
      if (ack) {
        waiting.get(ack.id)?.(ack.ok)
        waiting.delete(ack.id)
      }
    })
  })

  function emit(name: string, data: unknown): Promise<boolean> {
    nextAck += 1
    const id = nextAck
    socket.send(frames.event(name, data, id))
    return new Promise((settle) => waiting.set(id, settle))
  }
}

/** So many join at a time: a server sends away who comes while others wait to be taken in. */
const atOnce = 50

/** Opens a socket for each person, in their order; `onMessages` is told whose it is. */
export async function openSockets(
  people: readonly Person[],
  onMessages: (place: number, numbers: number[], at: number) => void = () => {},
): Promise<PersonSocket[]> {
  const sockets: PersonSocket[] = []
  for (let start = 0; start < people.length; start += atOnce) {
    const some = people.slice(start, start + atOnce)
    const opening = some.map((person, i) =>
      openSocket(person, (numbers, at) => onMessages(start + i, numbers, at)),
    )
    sockets.push(...(await Promise.all(opening)))
  }
  return sockets
}

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
