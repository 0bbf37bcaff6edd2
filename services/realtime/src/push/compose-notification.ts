import type { messagesApi, PushMessage, RouteReply } from '@finnigram/contracts'

export type ConversationRecipients = RouteReply<typeof messagesApi.listPushRecipients>['items'][number]

/** Characters of a message in a notification: services carry 4 kB, and a few lines are enough. */
const shownCharacters = 180

/**
 * Title and body of a notification of `count` messages up to `lastSeq`. Without `preview` they show
 * no name and no text.
 */
export function composeNotification(
  conversation: Pick<ConversationRecipients, 'kind' | 'title' | 'messages'>,
  { count, lastSeq, preview }: { count: number; lastSeq: number; preview: boolean },
): { title: string; body: string } {
  const howMany = count === 1 ? 'New message' : `${count} new messages`
  const last = conversation.messages.find(({ seq }) => seq === lastSeq)
  const name = conversation.kind === 'direct' ? last?.senderName : (conversation.title ?? last?.senderName)
  if (!preview || !name) return { title: 'Finnigram', body: howMany }
  if (!last) return { title: name, body: howMany }
  const isNamed = conversation.kind === 'group' && last.senderName !== ''
  const said = isNamed ? `${last.senderName}: ${contentOf(last)}` : contentOf(last)
  return { title: name, body: count === 1 ? said : `${howMany}\n${said}` }
}

const names: Record<string, string> = { image: '📷 Photo', video: '🎬 Video', audio: '🎤 Audio' }

function contentOf({ text, attachments }: PushMessage): string {
  const [first] = attachments
  const files =
    attachments.length > 1
      ? `📎 ${attachments.length} files`
      : first && (names[first.kind] ?? `📎 ${first.name}`)
  const words = text === null || text.trim() === '' ? undefined : shorten(text)
  return [files, words].filter((part) => part !== undefined).join(' · ') || 'New message'
}

/** Cuts between graphemes. */
function shorten(text: string): string {
  if (text.length <= shownCharacters) return text
  const graphemes = new Intl.Segmenter().segment(text.slice(0, shownCharacters + 1))
  const kept = [...graphemes].slice(0, -1)
  return `${kept
    .map(({ segment }) => segment)
    .join('')
    .trimEnd()}…`
}
