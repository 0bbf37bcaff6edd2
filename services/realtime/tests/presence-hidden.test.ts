import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Device } from './fixture/open-device.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho, type Who } from './fixture/start-fake-users.ts'
import { block, changePreference, received, settle } from './fixture/watch-presence.ts'

let environment: Environment
beforeAll(async () => {
  environment = await startEnvironment({ nodes: 2 })
})
afterAll(() => environment[Symbol.asyncDispose]())

const choices = ['everyone', 'contacts', 'nobody'] as const
type Choice = (typeof choices)[number]
const relations = ['stranger', 'contact', 'self'] as const
type Relation = (typeof relations)[number]
const blocks = ['none', 'of the watcher', 'of the watched'] as const
type Block = (typeof blocks)[number]

/** The rule: who may hear someone come and go. */
const maySee = (choice: Choice, relation: Relation, blocked: Block) =>
  relation === 'self' ||
  (blocked === 'none' && (choice === 'everyone' || (choice === 'contacts' && relation === 'contact')))

/** First the truth, then the event. */
const choose = (who: Who, choice: Choice, contacts: readonly Who[]) => {
  const { people } = environment.fakeUsers
  if (choice === 'everyone') people.hidden.delete(who.userId)
  else people.hidden.add(who.userId)
  for (const { userId } of contacts) {
    if (choice === 'contacts') people.contacts.add(`${who.userId} ${userId}`)
    else people.contacts.delete(`${who.userId} ${userId}`)
  }
  return changePreference(environment, who, choice)
}

test.concurrent.each(choices)(
  'who shows %s when they were last seen is heard to come and go by exactly those, whatever was chosen and told before',
  async (choice) => {
    const anna = newWho()
    const cells = relations.flatMap((relation) => blocks.map((blocked) => ({ relation, blocked })))
    const enter = async ({ relation, blocked }: (typeof cells)[number], place: number) => {
      const who = newWho(relation === 'self' ? anna.userId : undefined)
      return { relation, blocked, who, device: await environment.connect(who, place % 2) }
    }
    const watchers = await Promise.all(cells.map(enter))
    const contacts = watchers.filter(({ relation }) => relation === 'contact').map(({ who }) => who)
    for (const { device } of watchers) await device.request('watch', { userIds: [anna.userId] })
    for (const one of [...choices.filter((other) => other !== choice), choice])
      await choose(anna, one, contacts)
    const parted = watchers.filter(({ relation, blocked }) => relation !== 'self' && blocked !== 'none')
    for (const { blocked, who } of parted)
      await (blocked === 'of the watcher' ? block(environment, anna, who) : block(environment, who, anna))

    const hearers = watchers.filter(({ relation, blocked }) => maySee(choice, relation, blocked))
    const others = watchers.filter((watcher) => !hearers.includes(watcher))
    const lastOf = ({ device }: { device: Device }) => received(device, anna).at(-1)?.status
    await eventually(() => {
      expect(hearers.map(lastOf)).toEqual(hearers.map(() => 'online'))
      const unparted = others.filter((watcher) => !parted.includes(watcher))
      expect(unparted.map(lastOf)).toEqual(unparted.map(() => 'unknown'))
      for (const watcher of parted) expect(lastOf(watcher) ?? 'offline').toMatch(/offline|unknown/)
    })
    await settle()

    const before = others.map(({ device }) => received(device, anna).length)
    const own = watchers.filter(({ relation }) => relation === 'self')
    for (const status of ['away', 'online', 'away', 'online'] as const) {
      for (const { device } of own) await device.request(status === 'away' ? 'away' : 'back', {})
      await eventually(() => expect(hearers.map(lastOf)).toEqual(hearers.map(() => status)))
    }
    await settle()
    expect(others.map(({ device }) => received(device, anna).length)).toEqual(before)
  },
  60_000,
)

test('who hides when they were last seen goes, dies and comes unheard, also for who begins to watch meanwhile', async () => {
  const [anna, ben] = [newWho(), newWho()]
  environment.fakeUsers.people.hidden.add(anna.userId)
  const bens = await environment.connect(ben, 1)
  const look = async () => {
    const before = received(bens, anna).length
    await bens.request('unwatch', { userIds: [anna.userId] })
    await bens.request('watch', { userIds: [anna.userId] })
    await eventually(() => expect(received(bens, anna)).toHaveLength(before + 1))
  }
  await look()
  const annas = await environment.connect(anna, 0)
  await look()
  annas.socket.disconnect()
  await look()
  await block(environment, anna, ben)
  await settle()
  const unknown = { userId: anna.userId, status: 'unknown', lastSeenAt: null }
  expect(received(bens, anna)).toEqual([unknown, unknown, unknown])
})
