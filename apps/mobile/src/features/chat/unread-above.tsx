import type { ConversationView } from '@finnigram/client'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type UnreadAboveProps = {
  conversation: ConversationView
  /** Null for none, 0 where their number is not known. */
  count: number | null
  onJump: () => void
}

/**
 * Says that unread messages further up were passed over: goes to the first of them, or lets them
 * count as read.
 */
export function UnreadAbove({ conversation, count, onJump }: UnreadAboveProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { conversations } = useClient()
  if (count === null) return null
  return (
    <View style={styles.bar}>
      <Touchable testID="jump-to-unread" style={styles.button} onPress={onJump}>
        <View style={styles.up}>
          <Icon name="down" size={18} color="accent" />
        </View>
        <Text size="small" weight="600" color="accent" numberOfLines={1}>
          {count > 0 ? t('countAbove', { count }) : t('unreadAbove')}
        </Text>
      </Touchable>
      <Touchable
        testID="mark-read"
        style={styles.button}
        onPress={() => conversations.markRead(conversation.id, conversation.lastSeq)}
      >
        <Text size="small" color="muted" numberOfLines={1}>
          {t('markRead')}
        </Text>
      </Touchable>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  bar: {
    maxWidth: '100%',
    flexDirection: 'row',
    borderRadius: radius.pill,
    backgroundColor: colors.raised,
    borderWidth: 1,
    borderColor: colors.line,
    boxShadow: `0 2px 10px ${colors.shadow}`,
  },
  button: {
    height: 44,
    flexShrink: 1,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.xs,
    paddingHorizontal: space.m,
  },
  up: { transform: [{ rotate: '180deg' }] },
}))
