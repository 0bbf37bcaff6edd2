import type {
  DeviceHistory,
  Moment,
  RunHistory,
  SentPush,
  Span,
  StoredConversation,
} from '../history/history.ts'
import type { Violation } from './differences.ts'
import { createFaultFreeWindows } from './fault-free-window.ts'
import { createdVersions, membershipsOf } from './membership.ts'

/**
 * How much is left open, in milliseconds. A device that was away counts as one that could not
 * acknowledge only if it was so from `before` the message on until the decision was due, with
 * nothing wrong for `after`. One that acknowledged must not be notified if the server took it at
 * least `written` before the delay was over (acknowledgements are noted once a second) and no fault
 * touches the time from the message to the notification: a fault may lose what was noted, or have
 * the decision wait. One that was connected and has the message must have acknowledged it within
 * `late`, if no fault touches the time from so long before on.
 */
const tolerance = { before: 1_000, after: 3_000, written: 1_500, arrival: 1_500, late: 12_000 }

/** A notification was sent to every device that needed one, and to none that did not. */
export function checkPushes(history: RunHistory): Violation[] {
  const { pushes, devices, conversations } = history
  if (!pushes) return []
  const notified = devices.filter(({ pushId }) => pushId !== null)
  const bySubject = Map.groupBy(pushes.sent, ({ pushId, conversationId }) => `${pushId} ${conversationId}`)
  return conversations.flatMap((conversation) =>
    notified.flatMap((device) => {
      const calling = messagesThatCall(conversation, device.userId)
      const sent = (bySubject.get(`${device.pushId} ${conversation.id}`) ?? []).filter(
        ({ type }) => type === 'message',
      )
      const operation = { history, conversation, device, calling, sent, delayMs: pushes.delayMs }
      return [...findMissing(operation), ...findNeedless(operation)]
    }),
  )
}

interface Scene {
  history: RunHistory
  conversation: StoredConversation
  device: DeviceHistory
  calling: readonly CallingMessage[]
  sent: readonly SentPush[]
  delayMs: number
}

function findMissing({ history, conversation, device, calling, sent, delayMs }: Scene): Violation[] {
  const { faultFreeFrom: quietFrom } = createFaultFreeWindows(history.faults)
  const others = history.devices.filter(({ userId }) => userId === device.userId)
  const me = conversation.participants.find(({ userId }) => userId === device.userId)
  return calling.flatMap(({ id, seq, createdAt, isStillCalling }): Violation[] => {
    if (!isStillCalling) return []
    const due = quietFrom(createdAt + delayMs, tolerance.after)
    const whole = { from: createdAt - tolerance.before, to: due }
    if (!isAwayAll(device, whole)) return []
    const isUnread = (me?.lastReadSeq ?? 0) < seq || others.every((one) => isAwayAll(one, whole))
    const isToldOf = sent.some((push) => (push.seq ?? 0) >= seq && push.at >= createdAt)
    if (!isUnread || isToldOf) return []
    const what = `${device.name} was away when message ${id}, seq ${seq} of ${conversation.id}, came at ${Math.round(createdAt)} ms, and was not notified`
    return [{ kind: 'push missing', what }]
  })
}

function findNeedless(operation: Scene): Violation[] {
  const { conversation, device, calling, sent } = operation
  let before = 0
  return sent.flatMap(({ seq, at }): Violation[] => {
    const upTo = seq ?? 0
    const what = `${device.name} was notified at ${at} ms of seq ${seq} of ${conversation.id}`
    const told = calling.filter((one) => one.seq > before && one.seq <= upTo)
    before = Math.max(before, upTo)
    if (!calling.some((one) => one.seq === upTo)) {
      return [{ kind: 'push needless', what: `${what}, which does not call its person` }]
    }
    const reasons = told.map((message) => reasonAgainst(operation, message, at))
    const reason = reasons[0]
    if (!reason || reasons.includes(null)) return []
    return [{ kind: 'push needless', what: `${what}, ${reason}` }]
  })
}

/** Why a message needed no notification; null when it may have. */
function reasonAgainst(
  { history, conversation, device, delayMs }: Scene,
  message: CallingMessage,
  at: Moment,
): string | null {
  const { isFaultFree: isQuiet } = createFaultFreeWindows(history.faults)
  const steps = device.told.find(({ conversationId }) => conversationId === conversation.id)?.steps ?? []
  const toldAt = steps.find(([seq]) => seq >= message.seq)?.[1] ?? Number.POSITIVE_INFINITY
  const { createdAt } = message
  const isInTime = toldAt <= createdAt + delayMs - tolerance.written
  if (isInTime && isQuiet({ from: createdAt, to: at })) return 'which it had acknowledged'
  const span = { from: createdAt - tolerance.late, to: createdAt + tolerance.late }
  const arrivedAt = device.arrivals.find(([id]) => id === message.id)?.[1] ?? Number.POSITIVE_INFINITY
  const hadIt = arrivedAt <= createdAt + tolerance.arrival && isQuiet(span) && isThereAll(device, span)
  return hadIt && toldAt > span.to ? 'which it had and did not acknowledge' : null
}

type Whole = { from: Moment; to: Moment }
const endOf = ({ to }: Span) => to ?? Number.POSITIVE_INFINITY

const isAwayAll = ({ away }: DeviceHistory, { from, to }: Whole) =>
  away.some((span) => span.from <= from && endOf(span) >= to)

const isThereAll = ({ away }: DeviceHistory, { from, to }: Whole) =>
  !away.some((span) => span.from <= to && endOf(span) + tolerance.after >= from)

/** A message of which somebody is to be told. */
interface CallingMessage {
  id: string
  seq: number
  createdAt: Moment
  /** It was not taken back, and the person did not go since. */
  isStillCalling: boolean
}

/**
 * The messages of others that came while a person took part, as far as they want to be told. What
 * they want does not change in a run.
 */
function messagesThatCall(conversation: StoredConversation, userId: string): CallingMessage[] {
  const { messages, participants } = conversation
  const me = participants.find((one) => one.userId === userId)
  if (me?.notify !== 'all' || me.mutedUntil !== null) return []
  const memberships = membershipsOf(conversation).get(userId) ?? []
  const versions = createdVersions(conversation)
  return messages.flatMap(({ id, seq, kind, senderId, createdAt, isDeleted }) => {
    const version = versions.get(id) ?? 0
    const inside = memberships.find(({ from, to }) => from < version && (to === null || version < to))
    if (!inside || kind !== 'text' || senderId === userId) return []
    return [{ id, seq, createdAt, isStillCalling: !isDeleted && inside.to === null }]
  })
}
