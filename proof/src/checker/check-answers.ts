import type { Message } from '@finnigram/contracts'
import type { Answer, RunHistory, StoredConversation, StoredMessage } from '../history/history.ts'
import type { Violation } from './differences.ts'
import { differences } from './differences.ts'

/** The API answers each person what the rows say, all of it that is theirs and nothing else. */
export function checkAnswers({ answers, conversations }: RunHistory): Violation[] {
  return answers.flatMap((answer) => {
    const mine = conversations.filter(({ participants }) =>
      participants.some(({ userId, hasLeft }) => userId === answer.userId && !hasLeft),
    )
    const expected = mine.map(({ id }) => id).sort()
    return [
      ...differ(`${answer.userId}'s conversations`, [...answer.list].sort(), expected),
      ...mine.flatMap((conversation) => checkHistory(answer, conversation)),
    ]
  })
}

function checkHistory(answer: Answer, conversation: StoredConversation): Violation[] {
  const { id, messages, pinnedIds, participants, lastSeq, version, participantCount } = conversation
  const joinedSeq = participants.find(({ userId }) => userId === answer.userId)?.joinedSeq ?? 0
  const readable = messages.filter(({ seq }) => seq > joinedSeq)
  const readableIds = new Set(readable.map((message) => message.id))
  const history = answer.histories.find(({ conversationId }) => conversationId === id)?.messages ?? []
  const pins = answer.pins.find(({ conversationId }) => conversationId === id)?.messageIds ?? []
  const told = answer.conversations.find((one) => one.id === id)
  const place = `${answer.userId}'s ${id}`
  return [
    ...doubledIn(history, place),
    ...differ(`history of ${place}`, history.map(ofMessage), readable.map(ofRow)),
    ...differ(
      `pins of ${place}`,
      pins,
      pinnedIds.filter((one) => readableIds.has(one)),
    ),
    ...differ(
      place,
      { lastSeq: told?.lastSeq, version: told?.version, participantCount: told?.participantCount },
      { lastSeq, version, participantCount },
    ),
  ]
}

function doubledIn(history: readonly Message[], place: string): Violation[] {
  const ids = new Set(history.map(({ id }) => id))
  return ids.size === history.length
    ? []
    : [{ kind: 'doubled', what: `a message is twice in the history of ${place}` }]
}

const ofMessage = ({ id, seq, version, senderId, kind, text, reactions, deletedAt, editedAt }: Message) => ({
  ...{ id, seq, version, senderId, kind, text, reactions },
  isDeleted: deletedAt !== null,
  isEdited: editedAt !== null,
})

const ofRow = ({
  id,
  seq,
  version,
  senderId,
  kind,
  text,
  reactions,
  isDeleted,
  isEdited,
}: StoredMessage) => ({
  ...{ id, seq, version, senderId, kind, text, reactions },
  ...{ isDeleted, isEdited },
})

function differ(place: string, answered: unknown, stored: unknown): Violation[] {
  const found = differences(answered, stored)
  if (found.length === 0) return []
  return [{ kind: 'answer differs', what: `${place}: answered ≠ stored at ${found.slice(0, 3).join('; ')}` }]
}
