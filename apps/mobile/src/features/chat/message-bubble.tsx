import type { Attachment } from '@finnigram/contracts'
import { memo } from 'react'
import { StyleSheet, View, type ViewStyle } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { radius, space, typeScale } from '../../theme/scale.ts'
import { createStyles, useTheme } from '../../theme/theme-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, statusLabels } from '../../ui/ticks.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { attachmentLabels } from '../conversations/conversation-preview.ts'
import { BubbleContent } from './bubble-content.tsx'
import { isEmojiOnly } from './message-text.ts'

export type MessageBubbleProps = {
  id: string
  text: string
  attachments: readonly Attachment[]
  /** Usernames that are mentioned, with spaces between. */
  mentioned: string
  mine: boolean
  senderId: string
  senderName: string
  /** Shown above the first message of a run, in groups. */
  showName: boolean
  first: boolean
  last: boolean
  clock: string
  status?: DeliveryStatus | undefined
  edited: boolean
  deleted: boolean
  /** Highlighted, because it was just jumped to. */
  flash: boolean
  reply?: { id: string; senderId: string; name: string; excerpt: string } | undefined
  onReplyPress: (id: string) => void
}

/**
 * The bubble of a message: text, files, quote, time and status. One to three emoji show large,
 * without a bubble.
 */
export const MessageBubble = memo(function MessageBubble(props: MessageBubbleProps) {
  const { mine, text, status, reply } = props
  const { hueOf } = useTheme()
  const styles = useStyles()
  const label = useBubbleLabel(props)
  const large = !props.deleted && reply === undefined && props.attachments.length === 0 && isEmojiOnly(text)
  const filled = [
    styles.bubble,
    mine ? styles.mine : styles.other,
    bubbleShape(props),
    props.flash && styles.flash,
  ]
  return (
    <View
      testID={`message-${props.id}`}
      role="group"
      aria-label={label}
      dataSet={{ state: status ?? 'received' }}
      style={large ? [styles.large, mine && styles.largeMine] : filled}
    >
      {props.showName && (
        <Text size="small" weight="600" numberOfLines={1} style={{ color: hueOf(props.senderId) }}>
          {props.senderName}
        </Text>
      )}
      {reply !== undefined && <ReplyQuote {...reply} mine={mine} onPress={props.onReplyPress} />}
      {!props.deleted && <AttachmentLines attachments={props.attachments} mine={mine} />}
      <BubbleContent {...props} large={large} />
    </View>
  )
})

function useBubbleLabel({ clock, edited, senderName, status }: MessageBubbleProps): string {
  const { t } = useI18n()
  const time = edited ? `${t('edited')} ${clock}` : clock
  return status === undefined
    ? t('otherMessageLabel', { name: senderName, time })
    : t('ownMessageLabel', { time, status: t(statusLabels[status]) })
}

const useStyles = createStyles(({ colors }) => ({
  bubble: {
    borderRadius: radius.bubble,
    paddingHorizontal: space.m,
    paddingVertical: 7,
    minWidth: typeScale.message.fontSize * 4,
  },
  mine: { backgroundColor: colors.ownBubble },
  other: { backgroundColor: colors.otherBubble },
  flash: { boxShadow: `0 0 0 2px ${colors.accent}` },
  large: { alignItems: 'flex-start', paddingVertical: space.xs },
  largeMine: { alignItems: 'flex-end' },
}))

type ReplyQuoteProps = {
  id: string
  senderId: string
  name: string
  /** Empty if it was deleted, or sent before the reader joined. */
  excerpt: string
  mine: boolean
  onPress: (id: string) => void
}

/** The quoted message, with a bar in its sender's hue; a press jumps there. */
function ReplyQuote({ id, senderId, name, excerpt, mine, onPress }: ReplyQuoteProps) {
  const { t } = useI18n()
  const { hueOf, colors } = useTheme()
  const hue = hueOf(senderId)
  return (
    <Touchable
      label={t('replyLabel', { name })}
      style={[styles.quote, { backgroundColor: mine ? colors.quoteOnOwn : colors.quote }]}
      onPress={() => onPress(id)}
    >
      <View style={[styles.bar, { backgroundColor: hue }]} />
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1} style={{ color: hue }}>
          {name}
        </Text>
        <Text size="small" color={mine ? 'mutedOnOwn' : 'muted'} numberOfLines={1}>
          {excerpt || t('quoteUnavailable')}
        </Text>
      </View>
    </Touchable>
  )
}

const styles = StyleSheet.create({
  quote: {
    flexDirection: 'row',
    borderRadius: 8,
    marginTop: 2,
    marginBottom: space.xs,
    marginHorizontal: -space.xs,
  },
  bar: { width: 3 },
  words: { flex: 1, minWidth: 0, paddingHorizontal: space.s, paddingVertical: 5 },
})

type AttachmentLinesProps = { attachments: readonly Attachment[]; mine: boolean }

/** Attachments by kind and name. */
function AttachmentLines({ attachments, mine }: AttachmentLinesProps) {
  const { t } = useI18n()
  const color = mine ? 'mutedOnOwn' : 'muted'
  return attachments.map(({ id, kind, name }) => (
    <View key={id} style={attachmentLinesStyles.line}>
      <Icon name={attachmentLabels[kind].icon} size={16} color={color} />
      <Text style={attachmentLinesStyles.name}>
        {t(attachmentLabels[kind].word)}
        <Text color={color}>{` ${name}`}</Text>
      </Text>
    </View>
  ))
}

const attachmentLinesStyles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: space.xs },
  name: { flexShrink: 1 },
})

/** Corner radii: small where a bubble meets the next one of its run. */
function bubbleShape({ mine, first, last }: { mine: boolean; first: boolean; last: boolean }): ViewStyle {
  const top = first ? radius.bubble : radius.bubbleGrouped
  const bottom = last ? radius.bubble : radius.bubbleGrouped
  return mine
    ? { borderTopEndRadius: top, borderBottomEndRadius: bottom }
    : { borderTopStartRadius: top, borderBottomStartRadius: bottom }
}
