import type { Message } from '@finnigram/contracts'
import type { Answer, DeviceHistory, RunHistory } from '../history/history.ts'
import type { Violation } from './differences.ts'
import { type Comparison, differences } from './differences.ts'

/**
 * Each device shows and keeps what the API answers its person, after its last sync: messages,
 * reactions, edits, markers, counts, people, the order of the list.
 */
export function checkViews({ devices, answers, isMixed: onlyShared }: RunHistory): Violation[] {
  const comparison = { onlyShared }
  const byPerson = new Map(answers.map((answer) => [answer.userId, answer]))
  return devices.flatMap((device) => {
    const answer = byPerson.get(device.userId)
    if (!answer) return []
    return [
      ...differ(`the list of ${device.name}`, device.view.list, answer.list, comparison),
      ...answer.conversations.flatMap((conversation) => {
        const shown = device.view.conversations.find(({ id }) => id === conversation.id)
        return differ(`${conversation.id} on ${device.name}`, shown, conversation, comparison)
      }),
      ...answer.histories.flatMap((history) => checkMessages(device, history, comparison)),
      ...device.glitches.map(
        ({ at, conversationId, what }): Violation => ({
          kind: 'glitch',
          what: `on ${device.name} at ${at} ms, in ${conversationId}: ${what}`,
        }),
      ),
    ]
  })
}

function checkMessages(
  device: DeviceHistory,
  { conversationId, messages }: Answer['histories'][number],
  comparison: Comparison,
): Violation[] {
  const mine = device.view.messages.find((one) => one.conversationId === conversationId)
  const { shown = [], kept = [], waiting = 0 } = mine ?? {}
  const place = `${conversationId} on ${device.name}`
  const bySeq = new Map(messages.map((message) => [message.seq, message]))
  return [
    ...missing(shown, messages, place),
    ...twice(shown, place),
    ...disorder(shown, place),
    ...[...shown, ...kept].flatMap((message) =>
      differ(
        `message ${message.id}, seq ${message.seq} of ${place}`,
        message,
        bySeq.get(message.seq),
        comparison,
      ),
    ),
    ...(waiting === 0
      ? []
      : [{ kind: 'never caught up', what: `${waiting} messages still wait in ${place}` } as const]),
  ]
}

function missing(shown: readonly Message[], messages: readonly Message[], place: string): Violation[] {
  const ids = new Set(shown.map(({ id }) => id))
  return messages.flatMap(({ id, seq }): Violation[] =>
    ids.has(id) ? [] : [{ kind: 'lost', what: `message ${id}, seq ${seq}, is not shown in ${place}` }],
  )
}

function twice(shown: readonly Message[], place: string): Violation[] {
  const ids = new Set<string>()
  return shown.flatMap(({ id, seq }): Violation[] => {
    if (ids.has(id))
      return [{ kind: 'doubled', what: `message ${id}, seq ${seq}, is shown twice in ${place}` }]
    ids.add(id)
    return []
  })
}

function disorder(shown: readonly Message[], place: string): Violation[] {
  return shown.flatMap(({ seq }, index): Violation[] => {
    const before = shown[index - 1]?.seq ?? 0
    return seq >= before
      ? []
      : [{ kind: 'reordered', what: `seq ${seq} is shown after ${before} in ${place}` }]
  })
}

function differ(place: string, shown: unknown, answered: unknown, comparison: Comparison): Violation[] {
  const found = differences(shown, answered, comparison)
  if (found.length === 0) return []
  return [{ kind: 'view differs', what: `${place}: shown ≠ answered at ${found.slice(0, 3).join('; ')}` }]
}
