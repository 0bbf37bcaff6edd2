import type { Plan, PlannedConversation, PlannedDevice, PlanOptions } from './plan.ts'
import { planActions } from './plan-actions.ts'
import { planDeviceFaults } from './plan-device-faults.ts'
import { createRandom, type Random } from './random.ts'

const hourMs = 3_600_000
/** Clocks are right, minutes off, in another zone by mistake, or years off. */
const skews = [0, 0, 0, -90_000, 240_000, -5 * hourMs, 9 * hourMs, -400 * 24 * hourMs, 1_000 * 24 * hourMs]

/** Decides who is there, who does what when, and what happens to whose device. */
export function makePlan(options: PlanOptions): Plan {
  const { seed, people: count } = options
  const random = createRandom(seed, 'population')
  const people = Array.from({ length: count }, (_, number) => `p${number}.${seed}`)
  const devices = planDevices(count, random)
  const conversations = planConversations(count, random)
  const actions = planActions({ ...options, devices, conversations })
  return { people, devices, conversations, actions, deviceFaults: planDeviceFaults({ ...options, devices }) }
}

/** Everyone has a device, two in three have a second one, and most are notified. */
function planDevices(people: number, random: Random): PlannedDevice[] {
  const seconds = Math.round((people * 2) / 3)
  return Array.from({ length: people + seconds }, (_, number) => ({
    person: number < people ? number : (number - people) % people,
    skewMs: random.pick(skews) ?? 0,
    push: random.chance(0.7) ? (random.chance(0.6) ? 'webpush' : 'expo') : null,
  }))
}

/** One group of all, some of half, of a quarter and of three, and pairs. */
function planConversations(people: number, random: Random): PlannedConversation[] {
  const everyone = Array.from({ length: people }, (_, number) => number)
  const group = (size: number): PlannedConversation => ({
    kind: 'group',
    members: shuffled(everyone, random).slice(0, Math.max(2, Math.round(size))),
    sharesHistory: random.chance(0.3),
    isSilent: random.chance(0.3),
  })
  const sizes = [people, people / 2, people / 2, people / 4, people / 4, people / 4, 3, 3, 3]
  const pairs = new Map<string, number[]>()
  for (let tries = 0; pairs.size < people / 2 && tries < people * 4; tries += 1) {
    const [one = 0, other = 1] = shuffled(everyone, random)
    pairs.set(`${Math.min(one, other)}-${Math.max(one, other)}`, [one, other])
  }
  const directs = [...pairs.values()].map(
    (members) => ({ kind: 'direct', members, sharesHistory: false, isSilent: random.chance(0.3) }) as const,
  )
  return [...sizes.map(group), ...directs]
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
