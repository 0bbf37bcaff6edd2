import type { Conversation, Participant } from '@finnigram/contracts'
import type { Draft, EventOf } from './apply-event.ts'

/** How many participants a conversation brings along. */
const broughtAlong = 100

export function addParticipant(draft: Draft, { data: { participant } }: EventOf<'participant.added'>): void {
  const { conversation } = draft
  const known = conversation.participants.some(({ userId }) => userId === participant.userId)
  draft.conversation = {
    ...conversation,
    participantCount: conversation.participantCount + 1,
    participants:
      known || !isRoomFor(conversation)
        ? conversation.participants.map((one) => (one.userId === participant.userId ? participant : one))
        : [...conversation.participants, participant],
  }
}

/** The list is complete so far, or its first hundred are. */
function isRoomFor({ participants, participantCount }: Conversation): boolean {
  return participants.length < broughtAlong || participants.length === participantCount
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
