import { memo } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { rightToLeft } from '../../theme/direction.ts'
import { space, typeScale } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, statusWords } from '../../ui/ticks.tsx'
import { BubbleMeta, metaWidth } from './bubble-meta.tsx'
import { bubbleShape } from './bubble-shape.ts'
import { BubbleText } from './bubble-text.tsx'
import { isEmojiOnly } from './is-emoji-only.ts'
import { readsRightToLeft } from './reads-right-to-left.ts'
import { ReplyQuote } from './reply-quote.tsx'

export type MessageBubbleProps = {
  id: string
  text: string
  mine: boolean
  senderId: string
  senderName: string
  /** Said over the first of a group, in group chats. */
  showName: boolean
  first: boolean
  last: boolean
  clock: string
  status?: DeliveryStatus | undefined
  edited: boolean
  deleted: boolean
  /** It was just jumped to. */
  flash: boolean
  reply?: { id: string; senderId: string; name: string; excerpt: string } | undefined
  onReplyPress: (id: string) => void
}

/** One message: what was said, when, and how far it came. */
export const MessageBubble = memo(function MessageBubble(props: MessageBubbleProps) {
  const { mine, text, clock, status, deleted, reply } = props
  const { t } = useI18n()
  const { hueOf } = useTheme()
  const styles = useStyles()
  const words = props.edited ? `${t('edited')} ${clock}` : clock
  const picture = !deleted && reply === undefined && isEmojiOnly(text)
  const metaAtStart = !picture && readsRightToLeft(text) !== rightToLeft
  return (
    <View
      testID={`message-${props.id}`}
      role="group"
      aria-label={
        status === undefined
          ? t('otherMessageLabel', { name: props.senderName, time: words })
          : t('ownMessageLabel', { time: words, status: t(statusWords[status]) })
      }
      dataSet={{ state: status ?? 'received' }}
      style={
        picture
          ? [styles.picture, mine && styles.pictureMine]
          : [
              styles.bubble,
              mine ? styles.mine : styles.other,
              bubbleShape(props),
              props.flash && styles.flash,
            ]
      }
    >
      {props.showName && (
        <Text size="small" weight="600" numberOfLines={1} style={{ color: hueOf(props.senderId) }}>
          {props.senderName}
        </Text>
      )}
      {reply !== undefined && (
        <ReplyQuote
          senderId={reply.senderId}
          name={reply.name}
          excerpt={reply.excerpt}
          mine={mine}
          onPress={() => props.onReplyPress(reply.id)}
        />
      )}
      {picture ? (
        <Text style={styles.large}>{text}</Text>
      ) : deleted ? (
        <Text color={mine ? 'mutedOnOwn' : 'muted'} style={styles.deleted}>
          {t('messageDeleted')}
          <View style={{ width: metaWidth(words, status), height: 1 }} />
        </Text>
      ) : (
        <BubbleText text={text} mine={mine} reserve={metaWidth(words, status)} />
      )}
      <View style={picture ? styles.under : [styles.meta, metaAtStart ? styles.metaStart : styles.metaEnd]}>
        <BubbleMeta clock={clock} edited={props.edited} mine={mine && !picture} status={status} />
      </View>
    </View>
  )
})

const useStyles = createStyles(({ colors }) => ({
  bubble: { borderRadius: 18, paddingHorizontal: space.m, paddingVertical: 7, minWidth: 64 },
  mine: { backgroundColor: colors.ownBubble },
  other: { backgroundColor: colors.otherBubble },
  flash: { boxShadow: `0 0 0 2px ${colors.accent}` },
  picture: { alignItems: 'flex-start', paddingVertical: space.xs },
  pictureMine: { alignItems: 'flex-end' },
  large: { fontSize: typeScale.display.fontSize * 1.5, lineHeight: typeScale.display.fontSize * 1.8 },
  deleted: { fontStyle: 'italic' },
  meta: { position: 'absolute', bottom: 6 },
  metaEnd: { end: 11 },
  metaStart: { start: 11 },
  under: { paddingHorizontal: 2 },
}))
