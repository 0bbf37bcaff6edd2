import { StyleSheet, View } from 'react-native'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import type { IconName } from '../../ui/icon-paths.ts'
import { Text } from '../../ui/text.tsx'

type ChatStartProps = { avatarId: string; name: string; words: string; icon?: IconName | undefined }

/** The first thing in a chat: with whom it is. */
export function ChatStart({ avatarId, name, words, icon }: ChatStartProps) {
  return (
    <View style={styles.start}>
      <Avatar id={avatarId} name={name} size={80} icon={icon} />
      <Text size="title" weight="600" align="center" style={styles.name}>
        {name}
      </Text>
      <Text size="small" color="muted" align="center" style={styles.words}>
        {words}
      </Text>
    </View>
  )
}

const styles = StyleSheet.create({
  start: { alignItems: 'center', paddingVertical: space.xxl },
  name: { marginTop: space.m },
  words: { maxWidth: 300 },
})
