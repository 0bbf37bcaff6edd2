import type { ConversationView, MessageView } from '@finnigram/client'
import { type ReactNode, type Ref, useMemo, useRef } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { layout, space } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import type { ChatRow } from './build-rows.ts'
import { DayChip } from './day-chip.tsx'
import { FloatingDay, type FloatingDayHandle } from './floating-day.tsx'
import { type MessageActions, MessageRow } from './message-row.tsx'
import { messageStatus } from './message-status.ts'
import { UnreadLine } from './unread-line.tsx'

type MessageListProps = {
  rows: readonly ChatRow[]
  conversation: ConversationView
  nameOf: (userId: string) => string
  title: string
  /** What stands before the first message. */
  start: ReactNode
  flashId: string | null
  actions: MessageActions
  onNearStart: () => void
  onAtEnd: (atEnd: boolean) => void
  ref: Ref<WindowedListHandle>
}

/** The conversation from old to new, standing at what is new or else at its end. */
export function MessageList(props: MessageListProps) {
  const { rows, conversation, nameOf, flashId, actions } = props
  const { t } = useI18n()
  const dayOf = useMemo(() => daysByKey(rows), [rows])
  const floating = useRef<FloatingDayHandle>(null)
  const opened = useRef(Date.now())
  const others = conversation.participants

  const renderRow = (row: ChatRow) => {
    if (row.kind === 'start') return props.start
    if (row.kind === 'day')
      return (
        <Line>
          <DayChip day={row.day} />
        </Line>
      )
    if (row.kind === 'unread')
      return (
        <Line>
          <UnreadLine />
        </Line>
      )
    if (row.kind === 'system')
      return (
        <Line>
          <SystemLine message={row.message} />
        </Line>
      )
    const { message, mine } = row
    return (
      <MessageRow
        row={row}
        status={mine && message.deletedAt === null ? messageStatus(message, others) : undefined}
        senderName={nameOf(message.senderId)}
        replyName={message.replyTo === null ? undefined : nameOf(message.replyTo.senderId)}
        inGroup={conversation.kind === 'group'}
        flash={message.id === flashId}
        actions={actions}
      />
    )
  }
  return (
    <View style={styles.list}>
      <WindowedList
        ref={props.ref}
        rows={rows}
        renderRow={renderRow}
        kindOf={(row) => (row.kind === 'message' && row.mine ? 'mine' : row.kind)}
        estimate={estimateHeight}
        from="end"
        initialKey="unread"
        padding={padding}
        label={t('messages', { name: props.title })}
        testID="message-list"
        onNearEdge={props.onNearStart}
        onMove={({ atEnd, firstVisible }) => {
          props.onAtEnd(atEnd)
          const settled = Date.now() - opened.current > 700
          floating.current?.moved(atEnd || !settled ? undefined : dayOf.get(firstVisible ?? ''))
        }}
      />
      <FloatingDay ref={floating} />
    </View>
  )
}

function SystemLine({ message }: { message: MessageView }) {
  return (
    <Text size="small" color="muted" align="center">
      {message.text}
    </Text>
  )
}

function Line({ children }: { children: ReactNode }) {
  return <View style={styles.line}>{children}</View>
}

/** The day that each row belongs to. */
function daysByKey(rows: readonly ChatRow[]): Map<string, number> {
  const days = new Map<string, number>()
  let day: number | undefined
  for (const row of rows) {
    if (row.kind === 'day') day = row.day
    if (day !== undefined) days.set(row.key, day)
  }
  return days
}

function estimateHeight(row: ChatRow): number {
  if (row.kind !== 'message') return row.kind === 'start' ? 220 : 50
  const { text } = row.message
  const lines = Math.max(1, Math.ceil((text?.length ?? 0) / 44), text?.split('\n').length ?? 1)
  return 14 + lines * 20 + (row.first ? space.m : 2)
}

const padding = { start: space.s, end: 28 }

const styles = StyleSheet.create({
  list: { flex: 1, minHeight: 0 },
  line: {
    width: '100%',
    maxWidth: layout.messageColumn,
    marginHorizontal: 'auto',
    paddingTop: space.l,
    paddingBottom: space.xs,
    paddingHorizontal: space.l,
  },
})
