import { messagesApi } from '@finnigram/contracts'
import { Device, type DevicePerson } from '../devices/device.ts'
import type { RunClock } from '../devices/run-clock.ts'
import type { Plan } from '../generator/plan.ts'
import { createRandom } from '../generator/random.ts'
import type { Environment } from './operation.ts'

export interface EnvironmentOptions {
  plan: Plan
  seed: number
  url: string
  now: RunClock
  signal: AbortSignal
}

/** As many sign up at once: hashing their passwords is what takes time. */
const atOnce = 4

/** Signs everybody up, gives them their devices and makes the conversations of the beginning. */
export async function createEnvironment({
  plan,
  seed,
  url,
  now,
  signal,
}: EnvironmentOptions): Promise<Environment> {
  const people = plan.people.map((username) => ({ id: '', username, password: `open sesame ${username}` }))
  const devices = plan.devices.map(({ person, skewMs }, number) => {
    const random = createRandom(seed, `device ${number}`)
    return new Device({ name: `d${number}`, person: personAt(people, person), url, random, now, skewMs })
  })
  await inTurns(devices.slice(0, people.length), signUp)
  await inTurns(devices.slice(people.length), signIn)
  const environment: Environment = {
    ...{ plan, now, people, devices, signal },
    conversations: [],
    invites: new Map(),
    changes: [],
    texts: [],
    pending: new Set(),
  }
  const planned = plan.conversations.filter((_, number) => !isMadeLater(plan, number))
  await inTurns(
    planned.map((_, number) => number),
    (number) => makeConversation(environment, number),
  )
  return environment
}

function isMadeLater({ actions }: Plan, number: number): boolean {
  return actions.some(({ kind, conversation }) => kind === 'create' && conversation === number)
}

async function signUp(device: Device): Promise<void> {
  const { username, password } = device.person
  const client = await device.switchOn()
  const register = () => client.session.register({ username, displayName: `Person ${username}`, password })
  device.person.id = (await device.clock.run(register)).id
}

async function signIn(device: Device): Promise<void> {
  const { username: identifier, password } = device.person
  const client = await device.switchOn()
  await device.clock.run(() => client.session.login({ identifier, password }))
}

/** The owner makes it, and an invite to it where it is a group. */
async function makeConversation(environment: Environment, number: number): Promise<void> {
  const planned = environment.plan.conversations[number]
  const [owner = 0, ...others] = planned?.members ?? []
  const api = environment.devices[owner]?.client?.api
  if (!planned || !api) return
  const [userId = '', ...rest] = others.map((person) => personAt(environment.people, person).id)
  const { id } =
    planned.kind === 'direct'
      ? await api.createDirect(userId)
      : await api.call(messagesApi.createConversation, {
          body: {
            kind: 'group',
            title: `Group ${number}`,
            userIds: [userId, ...rest].filter((one) => one !== ''),
            sharesHistory: planned.sharesHistory,
          },
        })
  environment.conversations[number] = id
  if (planned.isSilent) {
    await api.call(messagesApi.updateConversationMe, {
      params: { conversationId: id },
      body: { notify: 'none' },
    })
  }
  if (planned.kind !== 'group') return
  const invite = await api.call(messagesApi.createInvite, { params: { conversationId: id }, body: {} })
  environment.invites.set(number, invite.code)
}

function personAt(people: readonly DevicePerson[], number: number): DevicePerson {
  const person = people[number]
  if (!person) throw new Error(`The plan has no person ${number}`)
  return person
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
