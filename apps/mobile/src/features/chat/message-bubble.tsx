import type { Attachment } from '@finnigram/contracts'
import { memo } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space, typeScale } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, statusWords } from '../../ui/ticks.tsx'
import { AttachmentLines } from './attachment-lines.tsx'
import { BubbleWords } from './bubble-content.tsx'
import { bubbleShape } from './bubble-shape.ts'
import { isEmojiOnly } from './is-emoji-only.ts'
import { ReplyQuote } from './reply-quote.tsx'

export type MessageBubbleProps = {
  id: string
  text: string
  attachments: readonly Attachment[]
  /** Usernames that are mentioned, with spaces between. */
  mentioned: string
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

/** One message: what was said, when, and how far it came. Up to three emoji alone stand large and without a bubble. */
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
      <BubbleWords {...props} large={large} />
    </View>
  )
})

function useBubbleLabel({ clock, edited, senderName, status }: MessageBubbleProps): string {
  const { t } = useI18n()
  const time = edited ? `${t('edited')} ${clock}` : clock
  return status === undefined
    ? t('otherMessageLabel', { name: senderName, time })
    : t('ownMessageLabel', { time, status: t(statusWords[status]) })
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
