import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Device } from './fixture/person.ts'
import { newWho, type Who } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
import { block, changePreference, settle, told } from './fixture/watching.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world[Symbol.asyncDispose]())

const choices = ['everyone', 'contacts', 'nobody'] as const
type Choice = (typeof choices)[number]
const relations = ['stranger', 'contact', 'self'] as const
type Relation = (typeof relations)[number]
const blocks = ['none', 'of the watcher', 'of the watched'] as const
type Block = (typeof blocks)[number]

/** The rule: who may hear someone come and go. */
const mayHear = (choice: Choice, relation: Relation, blocked: Block) =>
  relation === 'self' ||
  (blocked === 'none' && (choice === 'everyone' || (choice === 'contacts' && relation === 'contact')))

/** First the truth, then the event. */
const choose = (who: Who, choice: Choice, contacts: readonly Who[]) => {
  const { people } = world.issuer
  if (choice === 'everyone') people.hidden.delete(who.userId)
  else people.hidden.add(who.userId)
  for (const { userId } of contacts) {
    if (choice === 'contacts') people.contacts.add(`${who.userId} ${userId}`)
    else people.contacts.delete(`${who.userId} ${userId}`)
  }
  return changePreference(world, who, choice)
}

test.concurrent.each(choices)(
  'who shows %s when they were last seen is heard to come and go by exactly those, whatever was chosen and told before',
  async (choice) => {
    const anna = newWho()
    const cells = relations.flatMap((relation) => blocks.map((blocked) => ({ relation, blocked })))
    const enter = async ({ relation, blocked }: (typeof cells)[number], place: number) => {
      const who = newWho(relation === 'self' ? anna.userId : undefined)
      return { relation, blocked, who, device: await world.enter(who, place % 2) }
    }
    const watchers = await Promise.all(cells.map(enter))
    const contacts = watchers.filter(({ relation }) => relation === 'contact').map(({ who }) => who)
    for (const { device } of watchers) await device.ask('watch', { userIds: [anna.userId] })
    for (const one of [...choices.filter((other) => other !== choice), choice])
      await choose(anna, one, contacts)
    const parted = watchers.filter(({ relation, blocked }) => relation !== 'self' && blocked !== 'none')
    for (const { blocked, who } of parted)
      await (blocked === 'of the watcher' ? block(world, anna, who) : block(world, who, anna))

    const hearers = watchers.filter(({ relation, blocked }) => mayHear(choice, relation, blocked))
    const others = watchers.filter((watcher) => !hearers.includes(watcher))
    const lastOf = ({ device }: { device: Device }) => told(device, anna).at(-1)?.status
    await eventually(() => {
      expect(hearers.map(lastOf)).toEqual(hearers.map(() => 'online'))
      const unparted = others.filter((watcher) => !parted.includes(watcher))
      expect(unparted.map(lastOf)).toEqual(unparted.map(() => 'unknown'))
      for (const watcher of parted) expect(lastOf(watcher) ?? 'offline').toMatch(/offline|unknown/)
    })
    await settle()

    const before = others.map(({ device }) => told(device, anna).length)
    const own = watchers.filter(({ relation }) => relation === 'self')
    for (const status of ['away', 'online', 'away', 'online'] as const) {
      for (const { device } of own) await device.ask(status === 'away' ? 'away' : 'back', {})
      await eventually(() => expect(hearers.map(lastOf)).toEqual(hearers.map(() => status)))
    }
    await settle()
    expect(others.map(({ device }) => told(device, anna).length)).toEqual(before)
  },
  60_000,
)

test('who hides when they were last seen goes, dies and comes unheard, also for who begins to watch meanwhile', async () => {
  const [anna, ben] = [newWho(), newWho()]
  world.issuer.people.hidden.add(anna.userId)
  const bens = await world.enter(ben, 1)
  const look = async () => {
    const before = told(bens, anna).length
    await bens.ask('unwatch', { userIds: [anna.userId] })
    await bens.ask('watch', { userIds: [anna.userId] })
    await eventually(() => expect(told(bens, anna)).toHaveLength(before + 1))
  }
  await look()
  const annas = await world.enter(anna, 0)
  await look()
  annas.socket.disconnect()
  await look()
  await block(world, anna, ben)
  await settle()
  const unknown = { userId: anna.userId, status: 'unknown', lastSeenAt: null }
  expect(told(bens, anna)).toEqual([unknown, unknown, unknown])
})
