import { type Conversation, newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { ask } from '../../src/ask.ts'
import { openSocket } from '../../src/open-socket.ts'
import { startServerSide } from '../../src/start-server-side.ts'
import { type Actor, actors } from '../actors.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { done, type Person, registerPerson, signInAgain } from './person.ts'
import { createPrivateGroup, type PrivateGroup } from './private-group.ts'

/** The running product with everyone in it who may try something. */
export interface Environment extends AsyncDisposable {
  url: string
  nodes: readonly { service: string; url: string }[]
  people: Record<Actor, Person>
  /** The group whose owner, admin, participant … the actors are. Nothing may change it. */
  group: PrivateGroup
  /** A group none of them takes part in, and who wrote in it. */
  otherGroup: PrivateGroup
  outsider: Person
  /** What the former participant said in the group, and where. */
  wordsOfFormer: readonly string[]
  mailbox: Mailbox
  /** What was mailed to the deleted account before it was. */
  leftovers: { reset: string; verification: string }
  /** A group like `group` that may be changed; it asks the invited one only where told to. */
  createGroup(options?: { isAsking?: boolean }): Promise<PrivateGroup>
  /** Somebody new. */
  newPerson(): Promise<Person>
  /** A message of somebody to themselves. */
  newNote(author: Person): Promise<string>
}

/** Starts the product and puts everyone in their place. */
export async function startEnvironment(): Promise<Environment> {
  const server = await startServerSide()
  const { url, stack } = server
  const registered = await Promise.all(actors.map(async (actor) => [actor, await registerPerson(url, actor)]))
  const people = Object.fromEntries(registered) as Record<Actor, Person>
  const { owner, admin, participant, former, deleted, revoked, invited } = people
  await letNobodyAdd(url, invited, people.stranger)
  const group = await createPrivateGroup(url, {
    owner,
    admin,
    members: [participant, former, deleted, revoked, invited],
  })
  const outsider = await registerPerson(url, 'outsider')
  const otherGroup = await createPrivateGroup(url, { owner: outsider })
  await Promise.all([
    ...[owner, admin, participant, former].map((author) => group.messageOf(author)),
    ...actors.map((actor) => noteOf(url, people[actor])),
    otherGroup.messageOf(outsider),
    otherGroup.attachment(),
    otherGroup.avatar(),
    otherGroup.invite(),
  ])
  await done(url, `PUT /v1/users/me/blocks/${people.blocked.userId}`, { token: owner.token })
  await done(url, `PUT /v1/users/me/blocks/${owner.userId}`, { token: people.blocker.token })
  const wordsOfFormer = [group.canary, group.id, await group.messageOf(former)]
  await done(url, `DELETE /v1/conversations/${group.id}/participants/${former.userId}`, {
    token: owner.token,
  })
  await Promise.all([group.attachment(), group.avatar(), group.invite()])
  const mailbox = createMailbox(stack.dataDirectory, url)
  const leftovers = {
    verification: await mailbox.verificationOf(deleted),
    reset: await mailbox.resetOf(deleted),
  }
  await endSessions(url, people)
  people.anonymous.token = undefined
  return {
    url,
    nodes: stack.nodes,
    people,
    group,
    otherGroup,
    outsider,
    wordsOfFormer,
    mailbox,
    leftovers,
    createGroup: ({ isAsking = false } = {}) =>
      createPrivateGroup(url, { owner, admin, members: isAsking ? [participant, invited] : [participant] }),
    newPerson: () => registerPerson(url, 'bystander'),
    newNote: (author) => noteOf(url, author),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** From now on whoever adds this person invites them. */
async function letNobodyAdd(url: string, person: Person, other: Person): Promise<void> {
  const body = { preferences: { addToGroups: 'nobody' } }
  await done(url, 'PATCH /v1/users/me', { token: person.token, body })
  await eventually(async () => {
    const group = { kind: 'group', title: 'Tried', userIds: [person.userId] }
    const tried = { token: other.token, body: group }
    const { participantCount } = await done<Conversation>(url, 'POST /v1/conversations', tried)
    if (participantCount > 1) throw new Error('The preference is not heard of yet')
  })
}

async function noteOf(url: string, { userId, token }: Person): Promise<string> {
  const body = { kind: 'direct', userId }
  const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token, body })
  const message = { id: newId(), text: 'A note to self' }
  await done(url, `POST /v1/conversations/${id}/messages`, { token, body: message })
  return message.id
}

/**
 * Deletes one account, ends one session from another device, and waits until every service knows
 * it.
 */
async function endSessions(url: string, { deleted, revoked }: Environment['people']): Promise<void> {
  const { token, password } = deleted
  await done(url, 'DELETE /v1/users/me', { token, body: { password } })
  const elsewhere = await signInAgain(url, revoked)
  await done(url, `DELETE /v1/auth/sessions/${revoked.sessionId}`, { token: elsewhere.token })
  for (const person of [deleted, revoked]) {
    await eventually(() => isRefused(url, person), { within: 10_000 })
  }
}

/** Throws while any service takes the token. */
async function isRefused(url: string, person: Person): Promise<void> {
  for (const path of ['/v1/users/me', '/v1/conversations']) {
    const { status } = await ask(url, `GET ${path}`, { token: person.token })
    if (status !== 401) throw new Error(`${person.username} still gets ${status} from ${path}`)
  }
  if (await isLetIn(url, person)) throw new Error(`${person.username} still gets a socket`)
}

async function isLetIn(url: string, { token }: Person): Promise<boolean> {
  try {
    using _ = await openSocket(url, { token })
    return true
  } catch {
    return false
  }
}
