import type { Attachment } from '@finnigram/contracts'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { attachmentWords } from '../conversations/conversation-preview.ts'

type AttachmentLinesProps = { attachments: readonly Attachment[]; mine: boolean }

/** The files of a message, by kind and name: a bubble without them would be empty. */
export function AttachmentLines({ attachments, mine }: AttachmentLinesProps) {
  const { t } = useI18n()
  const color = mine ? 'mutedOnOwn' : 'muted'
  return attachments.map(({ id, kind, name }) => (
    <View key={id} style={styles.line}>
      <Icon name={attachmentWords[kind].icon} size={16} color={color} />
      <Text style={styles.name}>
        {t(attachmentWords[kind].word)}
        <Text color={color}>{` ${name}`}</Text>
      </Text>
    </View>
  ))
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: space.xs },
  name: { flexShrink: 1 },
})
