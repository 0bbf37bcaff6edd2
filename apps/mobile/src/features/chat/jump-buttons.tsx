import { type ConversationView, isCounted, type MessageView } from '@finnigram/client'
import { type RefObject, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { scrollPositions } from './scroll-positions.ts'

/**
 * Jumps to the newest message and shows how many are new there. No count while unread messages were
 * skipped further up.
 */
export function JumpButton({ count, onPress }: { count: number; onPress: () => void }) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.place}>
      <Touchable
        testID="jump-to-bottom"
        label={count > 0 ? t('jumpToNew', { count }) : t('jumpToBottom')}
        style={styles.button}
        onPress={onPress}
      >
        <Icon name="down" size={24} color="muted" />
      </Touchable>
      {count > 0 && (
        <View style={styles.count} aria-hidden>
          <Text size="caption" weight="700" color="onAccent">
            {count > 99 ? '99+' : count}
          </Text>
        </View>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  place: { position: 'absolute', bottom: 28, end: 16 },
  button: {
    width: 44,
    height: 44,
    borderRadius: radius.pill,
    backgroundColor: colors.raised,
    borderWidth: 1,
    borderColor: colors.line,
    alignItems: 'center',
    justifyContent: 'center',
    boxShadow: `0 2px 10px ${colors.shadow}`,
  },
  count: {
    position: 'absolute',
    top: -8,
    alignSelf: 'center',
    minWidth: 22,
    height: 22,
    paddingHorizontal: 6,
    borderRadius: radius.pill,
    backgroundColor: colors.accent,
    alignItems: 'center',
    justifyContent: 'center',
    pointerEvents: 'none',
  },
}))

type UnreadAboveProps = {
  conversation: ConversationView
  /** Null for none, 0 if their number is unknown. */
  count: number | null
  onJump: () => void
}

/** Shows that unread messages above were skipped: jumps to the first, or marks all as read. */
export function UnreadAbove({ conversation, count, onJump }: UnreadAboveProps) {
  const { t } = useI18n()
  const styles = useUnreadAboveStyles()
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

const useUnreadAboveStyles = createStyles(({ colors }) => ({
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

type JumpInput = { conversationId: string; me: string; list: RefObject<WindowedListHandle | null> }

/** Jumps to the newest or the first unread message, loading it if needed. */
export function useJumps({ conversationId, me, list }: JumpInput) {
  const client = useClient()
  const messages = client.messages(conversationId)
  const [fromEnd, setFromEnd] = useState(false)
  const show = async (anchor: 'newest' | 'unread') => {
    scrollPositions(client).set(conversationId, undefined)
    setFromEnd(anchor === 'newest')
    // Offline there is nothing to load; the list shows that and can retry.
    await messages.openAt(anchor).catch(() => undefined)
  }
  return {
    fromEnd,
    async toEnd(smoothly: boolean) {
      const { items, hasAfter, loadingBefore } = messages.snapshot()
      // A first page still loading may end before the newest message.
      const isOpening = items.length === 0 && loadingBefore
      if (hasAfter || isOpening) await show('newest')
      list.current?.scrollToEnd(smoothly)
    },
    async toUnread() {
      await show('unread')
      const { lastReadSeq = 0, joinedSeq = 0 } = client.conversations.get(conversationId)?.me ?? {}
      const upTo = Math.max(lastReadSeq, joinedSeq)
      const isFirst = (item: MessageView) => item.seq !== null && item.seq > upTo && isCounted(item, me)
      const first = messages.snapshot().items.find(isFirst)
      if (first !== undefined) list.current?.scrollToKey(first.id)
    },
  }
}
