import type { MessageView } from '@finnigram/client'
import { useMemo } from 'react'
import { type Names, usePeople } from '../people/use-people.ts'
import { peopleIn } from './notice-words.ts'

type Heard = { items: readonly MessageView[]; typing: readonly string[] }

/** Names of all whom a chat speaks of: who wrote, who is quoted or mentioned, who came and went. */
export function useNames({ items, typing }: Heard): Names {
  const named = useMemo(() => [...items.flatMap(namedIn), ...typing], [items, typing])
  return usePeople(named)
}

const namedIn = (message: MessageView): string[] => [
  ...peopleIn(message),
  ...message.mentions,
  ...(message.replyTo === null ? [] : [message.replyTo.senderId]),
]
