import type { MessageView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'

/** The usernames a message mentions, in one string, so that equal ones are equal: `all` where everyone is meant. */
export function mentionedNames(
  { mentions, mentionsAll }: Pick<MessageView, 'mentions' | 'mentionsAll'>,
  personOf: (userId: string) => PublicUser | undefined,
): string {
  const names = mentions.flatMap((id) => personOf(id)?.username ?? [])
  return [...(mentionsAll ? ['all'] : []), ...names].join(' ')
}
