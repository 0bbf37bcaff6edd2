import type { ConversationView, PresenceView } from '@finnigram/client'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { ConnectionWords } from '../../providers/client-status.tsx'
import { useConnection } from '../../providers/use-client-data.ts'
import { Text } from '../../ui/text.tsx'
import { usePresenceWords } from '../people/use-presence-words.ts'

type ChatSubtitleProps = { conversation: ConversationView; someoneTypes: boolean; presence: PresenceView }

/** Typing, presence or members; the state of the connection where no list beside the chat says it. */
export function ChatSubtitle({ conversation, someoneTypes, presence }: ChatSubtitleProps) {
  const { t } = useI18n()
  const { columns, visible } = usePane()
  const connected = useConnection() === 'online'
  const presenceWords = usePresenceWords(presence)
  if (!connected && columns === 1 && visible) return <ConnectionWords small announced />
  const still =
    conversation.kind === 'group' ? t('members', { count: conversation.participantCount }) : presenceWords
  const words = someoneTypes ? t('typing') : still
  if (words === '') return null
  return (
    <Text
      size="small"
      color={someoneTypes || presence.status === 'online' ? 'accent' : 'muted'}
      numberOfLines={1}
    >
      {words}
    </Text>
  )
}
