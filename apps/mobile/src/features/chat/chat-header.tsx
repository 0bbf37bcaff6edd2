import type { ConversationView, PresenceView } from '@finnigram/client'
import { useNavigation } from '@react-navigation/native'
import { View } from 'react-native'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { ConnectionStatus } from '../../providers/client-status.tsx'
import { useConnection, useMe, usePresence } from '../../providers/use-client-data.ts'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { usePresenceText } from '../people/use-people.ts'

type ChatHeaderProps = { conversation: ConversationView; someoneTypes: boolean; onLeave: () => void }

/** Title, avatar and presence of the chat; a press opens the details. */
export function ChatHeader({ conversation, someoneTypes, onLeave }: ChatHeaderProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const navigation = useNavigation<AppNavigation>()
  const { columns } = usePane()
  const { title, avatarId, icon, toMyself } = useConversationTitle(conversation)
  const presence = usePresence(toMyself ? undefined : conversation.peer?.id)
  return (
    <PaneHeader onBack={columns === 1 ? onLeave : undefined}>
      <Touchable
        testID="chat-header"
        label={t('openDetails', { name: title })}
        feedback="fade"
        style={styles.head}
        onPress={() => navigation.push('details', { id: conversation.id })}
      >
        <Avatar
          id={avatarId}
          name={title}
          size={40}
          icon={icon}
          presence={presence.status === 'online' ? 'online' : undefined}
        />
        <View style={styles.words}>
          <Text size="title" weight="600" numberOfLines={1} role="heading" aria-level={1}>
            {title}
          </Text>
          {!toMyself && (
            <ChatSubtitle conversation={conversation} someoneTypes={someoneTypes} presence={presence} />
          )}
        </View>
      </Touchable>
    </PaneHeader>
  )
}

const useStyles = createStyles(() => ({
  head: {
    flexDirection: 'row',
    alignItems: 'center',
    alignSelf: 'flex-start',
    maxWidth: '100%',
    minHeight: 48,
    gap: space.m,
    paddingEnd: space.m,
    paddingVertical: 2,
    borderRadius: radius.card,
  },
  words: { flexShrink: 1, minWidth: 0 },
}))

/** Title and avatar of a conversation. The one with myself is "Notes to self". */
export function useConversationTitle(conversation: ConversationView) {
  const { t } = useI18n()
  const me = useMe()
  const { id, peer, displayTitle } = conversation
  const toMyself = peer?.id === me.id
  return {
    toMyself,
    title: toMyself ? t('notesToSelf') : displayTitle,
    avatarId: peer?.id ?? id,
    icon: toMyself ? ('bookmark' as const) : undefined,
  }
}

type ChatSubtitleProps = { conversation: ConversationView; someoneTypes: boolean; presence: PresenceView }

/** Typing, presence or member count. Shows the connection where no list beside the chat does. */
function ChatSubtitle({ conversation, someoneTypes, presence }: ChatSubtitleProps) {
  const { t } = useI18n()
  const { columns, visible } = usePane()
  const connected = useConnection() === 'online'
  const presenceWords = usePresenceText(presence)
  if (!connected && columns === 1 && visible) return <ConnectionStatus small announced />
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
