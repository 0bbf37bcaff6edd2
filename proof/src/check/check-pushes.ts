import type {
  DeviceEvidence,
  Evidence,
  Moment,
  SentPush,
  Span,
  StoredConversation,
} from '../evidence/evidence.ts'
import { type CallingMessage, messagesThatCall } from './messages-that-call.ts'
import { createQuiet } from './quiet.ts'
import type { Violation } from './violation.ts'

/**
 * How much is left open, in milliseconds. A device that was away counts as one that could not acknowledge only if it was
 * so from `before` the message on until the decision was due; a device that was there counts as one that did only if it had
 * the message within `arrival`. Nothing is judged as needless that was decided less than `recovery` after a fault: for as
 * long a request that the fault swallowed may hold up the acknowledgements behind it.
 */
const tolerance = { before: 1_000, arrival: 1_200, after: 3_000, recovery: 10_000 }

/** A notification was sent to every device that needed one, and to none that did not. */
export function checkPushes(evidence: Evidence): Violation[] {
  const { pushes, devices, conversations } = evidence
  if (!pushes) return []
  const notified = devices.filter(({ pushId }) => pushId !== null)
  const bySubject = Map.groupBy(pushes.sent, ({ pushId, conversationId }) => `${pushId} ${conversationId}`)
  return conversations.flatMap((conversation) =>
    notified.flatMap((device) => {
      const calling = messagesThatCall(conversation, device.userId)
      const sent = (bySubject.get(`${device.pushId} ${conversation.id}`) ?? []).filter(
        ({ type }) => type === 'message',
      )
      const scene = { evidence, conversation, device, calling, sent, delayMs: pushes.delayMs }
      return [...findMissing(scene), ...findNeedless(scene)]
    }),
  )
}

interface Scene {
  evidence: Evidence
  conversation: StoredConversation
  device: DeviceEvidence
  calling: readonly CallingMessage[]
  sent: readonly SentPush[]
  delayMs: number
}

function findMissing({ evidence, conversation, device, calling, sent, delayMs }: Scene): Violation[] {
  const { quietFrom } = createQuiet(evidence.faults)
  const others = evidence.devices.filter(({ userId }) => userId === device.userId)
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

function findNeedless({ evidence, conversation, device, calling, sent, delayMs }: Scene): Violation[] {
  const { isQuiet } = createQuiet(evidence.faults)
  const arrivals = new Map(device.arrivals)
  return sent.flatMap(({ seq, at }): Violation[] => {
    const what = `${device.name} was notified at ${at} ms of seq ${seq} of ${conversation.id}`
    if (!calling.some((one) => one.seq === seq))
      return [{ kind: 'push needless', what: `${what}, which does not call its person` }]
    const told = calling.filter(
      (one) => one.seq <= (seq ?? 0) && one.createdAt > at - delayMs - tolerance.after,
    )
    const wasThere = (message: CallingMessage) => {
      const span = { from: message.createdAt - tolerance.before, to: at }
      const arrivedAt = arrivals.get(message.id) ?? Number.POSITIVE_INFINITY
      return (
        arrivedAt <= message.createdAt + tolerance.arrival &&
        isQuiet({ ...span, from: span.from - tolerance.recovery }) &&
        isThereAll(device, span)
      )
    }
    if (told.length === 0 || !told.every(wasThere)) return []
    return [{ kind: 'push needless', what: `${what}, which it had at once` }]
  })
}

type Whole = { from: Moment; to: Moment }
const endOf = ({ to }: Span) => to ?? Number.POSITIVE_INFINITY

const isAwayAll = ({ away }: DeviceEvidence, { from, to }: Whole) =>
  away.some((span) => span.from <= from && endOf(span) >= to)

const isThereAll = ({ away }: DeviceEvidence, { from, to }: Whole) =>
  !away.some((span) => span.from <= to && endOf(span) + tolerance.after >= from)
