import type { Participant } from '@finnigram/contracts'
import type { Draft, EventOf } from './apply-event.ts'

/** How many participants a conversation brings along. */
const broughtAlong = 100

/** The list is in the order of user ids, as the server answers it; beyond the first hundred only when all were loaded. */
export function addParticipant(draft: Draft, { data: { participant } }: EventOf<'participant.added'>): void {
  const { participants, participantCount } = draft.conversation
  const others = participants.filter(({ userId }) => userId !== participant.userId)
  const all = [...others, participant].sort((a, b) => (a.userId < b.userId ? -1 : 1))
  const isComplete = participants.length === participantCount
  draft.conversation = {
    ...draft.conversation,
    participantCount: participantCount + 1,
    participants: isComplete && participantCount > broughtAlong ? all : all.slice(0, broughtAlong),
  }
}

export function removeParticipant(draft: Draft, { data: { userId } }: EventOf<'participant.removed'>): void {
  const { conversation } = draft
  draft.removed = userId === draft.me
  draft.conversation = {
    ...conversation,
    participantCount: Math.max(0, conversation.participantCount - 1),
    participants: conversation.participants.filter((one) => one.userId !== userId),
  }
}

export function changeRole(draft: Draft, { data }: EventOf<'participant.role_changed'>): void {
  const { conversation } = draft
  draft.conversation = {
    ...conversation,
    participants: changeParticipant(conversation.participants, data.userId, { role: data.role }),
    me: data.userId === draft.me ? { ...conversation.me, role: data.role } : conversation.me,
  }
}

/** The list with `changes` made to one person; the same list when that person is not in it. */
export function changeParticipant(
  participants: Participant[],
  userId: string,
  changes: Partial<Participant>,
): Participant[] {
  if (!participants.some((one) => one.userId === userId)) return participants
  return participants.map((one) => (one.userId === userId ? { ...one, ...changes } : one))
}
