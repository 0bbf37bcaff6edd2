import type { Action, ActionKind, Plan, PlannedConversation, PlannedDevice, PlanOptions } from './plan.ts'
import { createRandom, type Random } from './random.ts'

/** How often each is done, among a hundred or so. What is sent comes first. */
const weights: Record<ActionKind, number> = {
  send: 50,
  reply: 8,
  mention: 5,
  forward: 3,
  call: 6,
  batch: 2,
  edit: 6,
  delete: 2,
  react: 8,
  unreact: 3,
  pin: 0.7,
  unpin: 0.4,
  open: 8,
  read: 14,
  type: 8,
  draft: 0.7,
  settings: 0.7,
  add: 0.8,
  remove: 0.7,
  leave: 0.3,
  join: 0.5,
  role: 0.3,
  rename: 0.3,
  create: 0.3,
}
const sendKinds: readonly ActionKind[] = ['send', 'reply', 'mention', 'forward', 'call', 'batch']
const total = (kinds: readonly ActionKind[]) => kinds.reduce((sum, kind) => sum + weights[kind], 0)
const kinds = Object.keys(weights) as ActionKind[]

interface DraftPlan {
  random: Random
  devices: readonly PlannedDevice[]
  conversations: PlannedConversation[]
  /** Who takes part, as far as everything works out. */
  members: Set<number>[]
  people: number
}

/**
 * Everything that people do, in the order of time; conversations that they make are added to
 * `conversations`.
 */
export function planActions(options: PlanOptions & Pick<Plan, 'devices' | 'conversations'>): Action[] {
  const { seed, seconds, rate, people, devices, conversations } = options
  const random = createRandom(seed, 'actions')
  const members = conversations.map((one) => new Set(one.members))
  const environment: DraftPlan = { random, devices, conversations, members, people }
  const perSecond = (rate * total(kinds)) / total(sendKinds)
  const actions: Action[] = []
  for (let at = 0; at < seconds * 1000; at += (-Math.log(1 - random()) * 1000) / perSecond) {
    const action = planOne(environment, Math.round(at), actions.length)
    if (action) actions.push(action)
  }
  return actions
}

function planOne(environment: DraftPlan, at: number, number: number): Action | undefined {
  const { random, conversations, members } = environment
  const kind = pickKind(random)
  const conversation = random.below(conversations.length)
  const planned = conversations[conversation]
  const inside = [...(members[conversation] ?? [])]
  const pick = random()
  const owner = planned?.members[0] ?? 0
  const change = memberChanges[kind]
  if (change && planned?.kind !== 'group') return undefined
  const place = { owner, inside, conversation }
  const people = change
    ? change(environment, place)
    : { actor: random.pick(inside), person: random.pick(inside) }
  const device = deviceOf(environment, people?.actor)
  if (!people || device === undefined) return undefined
  const goesTo = kind === 'create' ? conversations.length - 1 : conversation
  return { at, kind, device, conversation: goesTo, person: people.person ?? 0, pick, number }
}

function pickKind(random: Random): ActionKind {
  let left = random() * total(kinds)
  for (const kind of kinds) {
    left -= weights[kind]
    if (left < 0) return kind
  }
  return 'send'
}

function deviceOf({ devices, random }: DraftPlan, person: number | undefined): number | undefined {
  const own = devices.flatMap((device, index) => (device.person === person ? [index] : []))
  return random.pick(own)
}

interface Place {
  owner: number
  inside: number[]
  conversation: number
}
type MemberChange = (environment: DraftPlan, place: Place) => { actor: number; person: number } | undefined

/**
 * Who does it to whom, and what the group is then. Owners stay, so that somebody is always there to
 * let others in.
 */
const memberChanges: Partial<Record<ActionKind, MemberChange>> = {
  add: (environment, { owner, conversation }) =>
    letIn(environment, conversation, (person) => ({ actor: owner, person })),
  join: (environment, { conversation }) =>
    letIn(environment, conversation, (person) => ({ actor: person, person })),
  remove: (environment, { owner, ...place }) =>
    letOut(environment, { owner, ...place }, (person) => ({ actor: owner, person })),
  leave: (environment, place) => letOut(environment, place, (person) => ({ actor: person, person })),
  role: ({ random }, { owner, inside }) => {
    const person = random.pick(inside.filter((one) => one !== owner))
    return person === undefined ? undefined : { actor: owner, person }
  },
  rename: (_, { owner }) => ({ actor: owner, person: owner }),
  create: ({ random, people, conversations, members }) => {
    const actor = random.below(people)
    const others = Array.from({ length: 1 + random.below(5) }, () => random.below(people))
    const all = [...new Set([actor, ...others])]
    conversations.push({ kind: 'group', members: all, sharesHistory: false, isSilent: false })
    members.push(new Set(all))
    return { actor, person: actor }
  },
}

type Who = (person: number) => { actor: number; person: number }

function letIn({ random, people, members }: DraftPlan, conversation: number, who: Who) {
  const inside = members[conversation]
  const outside = Array.from({ length: people }, (_, person) => person).filter(
    (person) => !inside?.has(person),
  )
  const person = random.pick(outside)
  if (person === undefined) return undefined
  inside?.add(person)
  return who(person)
}

function letOut({ random, members }: DraftPlan, { owner, inside, conversation }: Place, who: Who) {
  const person = random.pick(inside.filter((one) => one !== owner))
  if (person === undefined || inside.length < 3) return undefined
  members[conversation]?.delete(person)
  return who(person)
}
