/** The state of a conversation, and since when the person takes part. */
export interface Membership {
  id: string
  version: number
  compactedVersion: number
  participantCount: number
  joinedVersion: number
  /** When the person's own markers or settings last changed, in milliseconds since 1970. */
  changedAt: number | null
}

/** Events of one reply. */
export const eventsAtMost = 1000
/** Participants that the conversations of one reply carry; bounds the reply to a few megabytes. */
export const participantsAtMost = 20_000
/** Conversations of one reply that are sent whole. */
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
  /**
   * Conversations to send whole: new to the client, reset, or changed with all their events in this
   * reply.
   */
  whole: string[]
  reset: string[]
  removed: string[]
  /** Known and current: only their markers and settings may have changed. */
  upToDate: Membership[]
  more: boolean
}

/** How much one reply may carry. */
export interface ReplyBudget {
  events: number
  participants: number
  conversations?: number
}

/**
 * Plans the reply to a client that knows these versions. What does not fit waits for the next call,
 * and every call makes progress. Of a conversation that the person has left, the reply says only
 * that: its events may carry by now what was written after the removal.
 */
export function planSync(
  known: ReadonlyMap<string, number>,
  memberships: readonly Membership[],
  wanted: ReplyBudget = { events: eventsAtMost, participants: participantsAtMost },
): SyncPlan {
  const budget = { conversations: wholeAtMost, ...wanted }
  const plan: SyncPlan = { events: [], whole: [], reset: [], removed: [], upToDate: [], more: false }
  for (const membership of memberships)
    planOne(plan, budget, { membership, version: known.get(membership.id) })
  const ids = new Set(memberships.map(({ id }) => id))
  for (const id of known.keys()) if (!ids.has(id)) plan.removed.push(id)
  return plan
}

function planOne(
  plan: SyncPlan,
  budget: Required<ReplyBudget>,
  { membership, version }: { membership: Membership; version: number | undefined },
): void {
  const { id, version: newest } = membership
  if (version === undefined) {
    planWhole(plan, budget, membership)
    return
  }
  if (version === newest) {
    plan.upToDate.push(membership)
    return
  }
  if (!canContinue(membership, version)) {
    if (planWhole(plan, budget, membership)) plan.reset.push(id)
    return
  }
  const cost = costOf(membership)
  if (!fitsBudget(budget, cost)) {
    plan.more = true
    return
  }
  if (!planEvents(plan, budget, { id, after: version, until: newest })) return
  takeBudget(budget, cost)
  plan.whole.push(id)
}

/**
 * Whether the log has all events after the client's version, and the person took part in all of
 * them.
 */
const canContinue = ({ joinedVersion, compactedVersion, version: newest }: Membership, version: number) =>
  version >= compactedVersion && version >= joinedVersion - 1 && version <= newest

/** The participants that a whole conversation carries. */
const costOf = ({ participantCount }: Membership) => Math.min(participantCount, participantsShown)

const fitsBudget = (budget: Required<ReplyBudget>, cost: number) =>
  budget.participants >= cost && budget.conversations > 0

function takeBudget(budget: Required<ReplyBudget>, cost: number): void {
  budget.participants -= cost
  budget.conversations -= 1
}

function planWhole(plan: SyncPlan, budget: Required<ReplyBudget>, membership: Membership): boolean {
  const { id } = membership
  const cost = costOf(membership)
  if (!fitsBudget(budget, cost)) {
    plan.more = true
    return false
  }
  takeBudget(budget, cost)
  plan.whole.push(id)
  return true
}

/** Whether all of the range fits. */
function planEvents(plan: SyncPlan, budget: Required<ReplyBudget>, range: EventRange): boolean {
  const until = Math.min(range.until, range.after + budget.events)
  budget.events -= until - range.after
  if (until > range.after) plan.events.push({ ...range, until })
  const isComplete = until === range.until
  if (!isComplete) plan.more = true
  return isComplete
}
