import type { MessageView } from '@finnigram/client'
import type { Participant } from '@finnigram/contracts'

/** The usernames a message mentions, in one string, so that equal ones are equal: `all` where everyone is meant. */
export function mentionedNames(
  { mentions, mentionsAll }: Pick<MessageView, 'mentions' | 'mentionsAll'>,
  participants: readonly Participant[],
): string {
  if (mentions.length === 0) return mentionsAll ? 'all' : ''
  const names = participants
    .filter(({ userId }) => mentions.includes(userId))
    .map(({ user }) => user.username)
  return [...(mentionsAll ? ['all'] : []), ...names].join(' ')
}
