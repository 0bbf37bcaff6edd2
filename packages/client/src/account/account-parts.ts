import { byKey } from '../by-key.ts'
import type { Client } from '../client.ts'
import { conversationsPart, type PartOptions } from './conversations-part.ts'
import { invitationsPart } from './invitations-part.ts'
import { messagesPart } from './messages-part.ts'
import { peoplePart, presencePart, typingPart } from './people-parts.ts'

type AccountParts = Pick<
  Client,
  'connection' | 'conversations' | 'invitations' | 'messages' | 'typing' | 'presence' | 'people'
>

/** What of the client belongs to whoever is signed in. The parts stay the same objects when that changes. */
export function accountParts(options: PartOptions): AccountParts {
  const { account, topics } = options
  return {
    connection: {
      get state() {
        return account()?.connection.state ?? 'offline'
      },
      subscribe: topics.connection.subscribe,
    },
    conversations: conversationsPart(options),
    invitations: invitationsPart(options),
    messages: byKey((id) => messagesPart(options, id)),
    typing: byKey((id) => typingPart(options, id)),
    presence: presencePart(options),
    people: peoplePart(options),
  }
}
