import { memo } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon-paths.ts'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, Ticks } from '../../ui/ticks.tsx'
import type { Preview } from './conversation-preview.ts'
import { ListRow } from './list-row.tsx'
import { PreviewLine } from './preview-line.tsx'

export type ConversationRowProps = {
  id: string
  title: string
  /** Whose hue the avatar takes. */
  avatarId: string
  avatarIcon?: IconName | undefined
  presence?: 'online' | 'away' | undefined
  time: string
  preview: Preview
  /** How far my own last message has come. */
  status?: DeliveryStatus | undefined
  unread: number
  muted: boolean
  mentioned: boolean
  pinned: boolean
  selected: boolean
  onPress: (id: string) => void
}

/** One conversation in the list: who, when, what was last said, how much is unread. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { t } = useI18n()
  return (
    <ListRow
      testID={`conversation-row-${props.id}`}
      avatar={{ id: props.avatarId, name: props.title, icon: props.avatarIcon, presence: props.presence }}
      selected={props.selected}
      onPress={() => props.onPress(props.id)}
    >
      <View style={styles.line}>
        <Text weight="600" numberOfLines={1} style={styles.title}>
          {props.title}
        </Text>
        {props.muted && <Mark icon="muted" label={t('muted')} />}
        {props.status !== undefined && <Ticks status={props.status} />}
        <Text
          size="caption"
          color={props.unread > 0 && !props.muted ? 'accent' : 'muted'}
          style={styles.time}
        >
          {props.time}
        </Text>
      </View>
      <View style={styles.line}>
        <PreviewLine preview={props.preview} />
        {props.mentioned && <Mark icon="mention" label={t('mentioned')} accent />}
        {props.pinned && props.unread === 0 && <Mark icon="pin" label={t('pinned')} />}
        {props.unread > 0 && <Badge count={props.unread} muted={props.muted} />}
      </View>
    </ListRow>
  )
})

function Mark({ icon, label, accent = false }: { icon: IconName; label: string; accent?: boolean }) {
  return (
    <View role="img" aria-label={label}>
      <Icon name={icon} size={15} color={accent ? 'accent' : 'muted'} />
    </View>
  )
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: 6, minHeight: 24 },
  title: { flex: 1 },
  time: { fontVariant: ['tabular-nums'] },
})
