import type { ConversationView } from '@finnigram/client'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { ConnectionWords } from '../../providers/connection-words.tsx'
import { useConnection, useMe, usePresence } from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { usePresenceWords } from '../people/use-presence-words.ts'

type ChatHeaderProps = {
  conversation: ConversationView
  title: string
  typingNames: readonly string[]
  onBack: (() => void) | undefined
  onDetails: () => void
  /** The only header on screen says when the network is away. */
  alone: boolean
}

/** With whom this chat is and what they are doing; a press shows more about them. */
export function ChatHeader({ conversation, title, typingNames, onBack, onDetails, alone }: ChatHeaderProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const me = useMe()
  const { peer } = conversation
  const toMyself = peer?.id === me.id
  const presence = usePresence(toMyself ? undefined : peer?.id)
  const presenceWords = usePresenceWords(presence)
  const connected = useConnection() === 'online'
  const subtitle =
    typingNames.length > 0
      ? t('typing')
      : peer === undefined
        ? t('members', { count: conversation.participantCount })
        : toMyself
          ? ''
          : presenceWords
  return (
    <PaneHeader onBack={onBack}>
      <Touchable
        testID="chat-header"
        label={t('openDetails', { name: title })}
        feedback="fade"
        style={styles.head}
        onPress={onDetails}
      >
        <Avatar
          id={peer?.id ?? conversation.id}
          name={title}
          size={40}
          icon={toMyself ? 'bookmark' : undefined}
          presence={presence.status === 'online' ? 'online' : undefined}
        />
        <View style={styles.words}>
          <Text size="title" weight="600" numberOfLines={1} role="heading" aria-level={1}>
            {title}
          </Text>
          {!connected && alone ? (
            <ConnectionWords small announced />
          ) : (
            subtitle !== '' && (
              <Text
                size="small"
                color={typingNames.length > 0 || presence.status === 'online' ? 'accent' : 'muted'}
                numberOfLines={1}
              >
                {subtitle}
              </Text>
            )
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
