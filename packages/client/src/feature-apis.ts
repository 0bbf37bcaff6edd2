import type { Client } from './client.ts'
import { conversationsPart, type PartOptions } from './conversations/conversations-api.ts'
import { invitationsPart } from './conversations/invitations-api.ts'
import { byKey } from './memoize.ts'
import { messagesPart } from './messages/messages-api.ts'
import { peoplePart, presencePart, typingPart } from './people/people-apis.ts'

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
