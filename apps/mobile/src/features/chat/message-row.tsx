import type { MessageView } from '@finnigram/client'
import { memo } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { layout, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Text } from '../../ui/text.tsx'
import type { DeliveryStatus } from '../../ui/ticks.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import type { MessageRow as Row } from './build-rows.ts'
import { MessageBubble } from './message-bubble.tsx'
import { PressBubble, RevealAction } from './message-gestures.tsx'
import { sendFailureMessage } from './send-failure.ts'

export type MessageActions = {
  onReply: (message: MessageView) => void
  onOpenActions: (message: MessageView) => void
  onJump: (messageId: string) => void
  onRetry: (id: string) => void
  /** Puts a refused message back into the composer. */
  onEdit: (message: MessageView) => void
  onDiscard: (id: string) => void
}

type MessageRowProps = {
  row: Row
  status: DeliveryStatus | undefined
  /** Usernames that are mentioned, with spaces between. */
  mentioned: string
  senderName: string
  replyName: string | undefined
  /** In groups, the messages of others show name and avatar. */
  inGroup: boolean
  flash: boolean
  actions: MessageActions
}

/** A message row: mine at the end, others at the start with the avatar beside the last of a run. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { row, status, inGroup, actions } = props
  const { message, mine, first, last } = row
  const { t, time } = useI18n()
  const styles = useStyles()
  const deleted = message.deletedAt !== null
  const { replyTo } = message
  return (
    <View style={[styles.row, first ? styles.apart : styles.together, mine && styles.mine]}>
      {inGroup && !mine && (
        <View style={styles.avatar}>
          {last && <Avatar id={message.senderId} name={props.senderName} size={32} />}
        </View>
      )}
      <View style={styles.column}>
        <PressBubble onPress={() => actions.onOpenActions(message)}>
          <MessageBubble
            id={message.id}
            text={message.text ?? ''}
            attachments={message.attachments}
            mentioned={props.mentioned}
            mine={mine}
            senderId={message.senderId}
            senderName={props.senderName}
            showName={inGroup && !mine && first}
            first={first}
            last={last}
            clock={time.clock(Date.parse(message.createdAt))}
            status={status}
            edited={message.editedAt !== null && !deleted}
            deleted={deleted}
            flash={props.flash}
            reply={replyTo === null || deleted ? undefined : { ...replyTo, name: props.replyName ?? '' }}
            onReplyPress={actions.onJump}
          />
        </PressBubble>
        {message.localState === 'failed' && <FailedLine message={message} {...actions} />}
      </View>
      {!deleted && message.localState === undefined && (
        <RevealAction icon="reply" label={t('reply')} onPress={() => actions.onReply(message)} />
      )}
    </View>
  )
})

const useStyles = createStyles(() => ({
  row: {
    flexDirection: 'row',
    alignItems: 'flex-end',
    width: '100%',
    maxWidth: layout.messageColumn,
    marginHorizontal: 'auto',
    paddingHorizontal: space.m,
  },
  mine: { flexDirection: 'row-reverse' },
  apart: { paddingTop: space.m },
  together: { paddingTop: 2 },
  column: { maxWidth: '82%', flexShrink: 1, minWidth: 0 },
  avatar: { width: 40 },
}))

type Failed = Parameters<typeof sendFailureMessage>[0]
type FailedLineProps = {
  message: Failed
  onRetry: (id: string) => void
  /** Puts the text back into the composer. */
  onEdit: (message: Failed) => void
  onDiscard: (id: string) => void
}

/** Below a message that was not sent: the reason, and what can be done. */
function FailedLine({ message, onRetry, onEdit, onDiscard }: FailedLineProps) {
  const { t } = useI18n()
  const { id } = message
  const { message: words, remedy } = sendFailureMessage(message)
  return (
    <View style={styles.line}>
      <Text size="small" color="danger" align="right" style={styles.words} testID={`failed-${id}`}>
        {t(words)}
      </Text>
      <View style={styles.actions}>
        {remedy === 'retry' && (
          <Touchable testID={`retry-${id}`} feedback="fade" hitSlop={12} onPress={() => onRetry(id)}>
            <Text size="small" weight="600" color="accent">
              {t('tryAgain')}
            </Text>
          </Touchable>
        )}
        {remedy === 'edit' && (
          <Touchable testID={`edit-${id}`} feedback="fade" hitSlop={12} onPress={() => onEdit(message)}>
            <Text size="small" weight="600" color="accent">
              {t('edit')}
            </Text>
          </Touchable>
        )}
        {remedy !== 'none' && (
          <Text size="small" color="muted" aria-hidden>
            ·
          </Text>
        )}
        <Touchable testID={`discard-${id}`} feedback="fade" hitSlop={12} onPress={() => onDiscard(id)}>
          <Text size="small" weight="600" color="danger">
            {t('delete')}
          </Text>
        </Touchable>
      </View>
    </View>
  )
}

const styles = StyleSheet.create({
  line: {
    flexDirection: 'row',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'flex-end',
    columnGap: 6,
    paddingTop: 4,
  },
  words: { flexShrink: 1 },
  actions: { flexDirection: 'row', gap: 6 },
})
