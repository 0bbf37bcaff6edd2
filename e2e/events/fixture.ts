import { type Conversation, type Message, newId } from '@finnigram/contracts'
import { done, type Person, registerPerson, succeeded } from '../authorization/environment/person.ts'

/** A group with an owner and a member, who have said something, and somebody who is not in it. */
export interface Fixture {
  url: string
  id: string
  owner: Person
  member: Person
  newcomer: Person
  /** One call of `person` under the conversation's path that must succeed. */
  call<T>(person: Person, request: string, body?: unknown): Promise<T>
  say(person: Person, text: string): Promise<Message>
}

/** Everyone who may act; the same for all stages. */
export type Cast = Pick<Fixture, 'owner' | 'member' | 'newcomer'>

export async function assembleCast(url: string): Promise<Cast> {
  const [owner, member, newcomer] = await Promise.all(
    ['owner', 'member', 'newcomer'].map((name) => registerPerson(url, name)),
  )
  if (!owner || !member || !newcomer) throw new Error('Nobody came')
  return { owner, member, newcomer }
}

export async function createFixture(url: string, cast: Cast): Promise<Fixture> {
  const body = { kind: 'group', title: 'Before', userIds: [cast.member.userId] }
  const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token: cast.owner.token, body })
  const fixture = stageOf(url, { id, ...cast })
  await fixture.say(cast.owner, 'Hello')
  await fixture.say(cast.member, `Hello @${cast.owner.username}`)
  return fixture
}

export function stageOf(url: string, { id, ...cast }: Cast & { id: string }): Fixture {
  const call = async <T>({ token }: Person, request: string, body?: unknown) => {
    const [method, path = ''] = request.split(' ')
    const place = path.startsWith('/v1') ? path : `/v1/conversations/${id}${path}`
    return (await succeeded(url, `${method} ${place}`, { token, body })).body as T
  }
  const say = (person: Person, text: string) => call<Message>(person, 'POST /messages', { id: newId(), text })
  return { url, id, ...cast, call, say }
}
