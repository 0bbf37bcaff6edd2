import type { Membership } from './membership.ts'

/** Events of one reply. */
export const eventsAtMost = 1000
/** Participants that the conversations of one reply carry; bounds the reply to a few megabytes. */
export const participantsAtMost = 20_000
/** Conversations of one reply that are answered whole. */
const wholeAtMost = 1000
/** Participants that one conversation carries. */
const participantsShown = 100

/** The events of a conversation after one version, up to and including another. */
export interface EventRange {
  id: string
  after: number
  until: number
}

/** What one sync answers. */
export interface SyncPlan {
  events: EventRange[]
  /** Conversations to answer whole, because they are new to the client, reset, or changed and then complete with the events of this reply. */
  whole: string[]
  reset: string[]
  removed: string[]
  /** Known and current: of these only markers and settings may have changed. */
  quiet: Membership[]
  more: boolean
}

/** What one reply has room for. */
export interface Room {
  events: number
  participants: number
  conversations?: number
}

/**
 * Decides what to answer to a client that knows these versions. What does not fit waits for the next call; every call
 * gets further. Of a conversation that one no longer takes part in, only that is told: its events may tell by now what
 * was written after the removal.
 */
export function planSync(
  known: ReadonlyMap<string, number>,
  memberships: readonly Membership[],
  wanted: Room = { events: eventsAtMost, participants: participantsAtMost },
): SyncPlan {
  const room = { conversations: wholeAtMost, ...wanted }
  const plan: SyncPlan = { events: [], whole: [], reset: [], removed: [], quiet: [], more: false }
  for (const membership of memberships) planOne(plan, room, { membership, version: known.get(membership.id) })
  const ids = new Set(memberships.map(({ id }) => id))
  for (const id of known.keys()) if (!ids.has(id)) plan.removed.push(id)
  return plan
}

function planOne(
  plan: SyncPlan,
  room: Required<Room>,
  { membership, version }: { membership: Membership; version: number | undefined },
): void {
  const { id, version: newest } = membership
  if (version === undefined) {
    planWhole(plan, room, membership)
    return
  }
  if (version === newest) {
    plan.quiet.push(membership)
    return
  }
  if (!canContinue(membership, version)) {
    if (planWhole(plan, room, membership)) plan.reset.push(id)
    return
  }
  const cost = costOf(membership)
  if (!hasRoom(room, cost)) {
    plan.more = true
    return
  }
  if (!planEvents(plan, room, { id, after: version, until: newest })) return
  takeRoom(room, cost)
  plan.whole.push(id)
}

/** Whether all that lies between the client's version and the newest is kept, and was said while the person took part. */
const canContinue = ({ joinedVersion, compactedVersion, version: newest }: Membership, version: number) =>
  version >= compactedVersion && version >= joinedVersion - 1 && version <= newest

/** What a conversation that is answered whole carries. */
const costOf = ({ participantCount }: Membership) => Math.min(participantCount, participantsShown)

const hasRoom = (room: Required<Room>, cost: number) => room.participants >= cost && room.conversations > 0

function takeRoom(room: Required<Room>, cost: number): void {
  room.participants -= cost
  room.conversations -= 1
}

function planWhole(plan: SyncPlan, room: Required<Room>, membership: Membership): boolean {
  const { id } = membership
  const cost = costOf(membership)
  if (!hasRoom(room, cost)) {
    plan.more = true
    return false
  }
  takeRoom(room, cost)
  plan.whole.push(id)
  return true
}

/** Whether all of the range fits. */
function planEvents(plan: SyncPlan, room: Required<Room>, range: EventRange): boolean {
  const until = Math.min(range.until, range.after + room.events)
  room.events -= until - range.after
  if (until > range.after) plan.events.push({ ...range, until })
  const isComplete = until === range.until
  if (!isComplete) plan.more = true
  return isComplete
}
