import type { ConversationView } from '@finnigram/client'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Text } from '../../ui/text.tsx'
import { useConversationTitle } from '../conversations/use-conversation-title.ts'

/** The first thing in a chat: with whom it is. */
export function ChatStart({ conversation }: { conversation: ConversationView }) {
  const { t } = useI18n()
  const { title: name, avatarId, icon, toMyself } = useConversationTitle(conversation)
  const groupWords = conversation.me.joinedSeq === 0 ? t('groupStart', { name }) : t('groupJoined')
  const words = conversation.kind === 'group' ? groupWords : t('chatStart', { name })
  return (
    <View style={styles.start}>
      <Avatar id={avatarId} name={name} size={80} icon={icon} />
      <Text size="title" weight="600" align="center" style={styles.name}>
        {name}
      </Text>
      <Text size="small" color="muted" align="center" style={styles.words}>
        {toMyself ? t('notesStart') : words}
      </Text>
    </View>
  )
}

const styles = StyleSheet.create({
  start: { alignItems: 'center', paddingVertical: space.xxl },
  name: { marginTop: space.m },
  words: { maxWidth: 300 },
})
