import { type Ref, useMemo, useRef } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { useConversationTitle } from '../conversations/use-conversation-title.ts'
import type { ChatRow } from './build-rows.ts'
import { type ChatRowContext, ChatRowView } from './chat-row-view.tsx'
import { daysByKey } from './days-by-key.ts'
import { estimateHeight } from './estimate-height.ts'
import { FloatingDay, type FloatingDayHandle } from './floating-day.tsx'
import { useEarlierMessages } from './use-earlier-messages.ts'

type MessageListProps = ChatRowContext & {
  rows: readonly ChatRow[]
  onAtEnd: (atEnd: boolean) => void
  ref: Ref<WindowedListHandle>
}

/** Finding the first place is not yet scrolling. */
const settlingMs = 700

/** The conversation from old to new, standing at what is new or else at its end. */
export function MessageList({ rows, onAtEnd, ref, ...context }: MessageListProps) {
  const { t } = useI18n()
  const { title } = useConversationTitle(context.conversation)
  const earlier = useEarlierMessages(useClient().messages(context.conversation.id))
  const dayOf = useMemo(() => daysByKey(rows), [rows])
  const floating = useRef<FloatingDayHandle>(null)
  const opened = useRef(Date.now())
  return (
    <View style={styles.list}>
      <WindowedList
        ref={ref}
        rows={rows}
        renderRow={(row) => <ChatRowView row={row} context={context} />}
        kindOf={(row) => (row.kind === 'message' && row.mine ? 'mine' : row.kind)}
        isSteady={(row) => row.kind === 'message' || row.kind === 'system'}
        estimate={estimateHeight}
        from="end"
        initialKey="unread"
        padding={padding}
        label={t('messages', { name: title })}
        testID="message-list"
        onNearEdge={earlier.load}
        onMove={({ atEnd, firstVisible }) => {
          onAtEnd(atEnd)
          const scrolling = !atEnd && Date.now() - opened.current > settlingMs
          floating.current?.moved(scrolling ? dayOf.get(firstVisible ?? '') : undefined)
        }}
      />
      <FloatingDay ref={floating} />
      {earlier.problem !== null && (
        <View style={styles.problem}>
          <Notice text={`${t('problemEarlier')} ${t(earlier.problem)}`} />
          <Button title={t('tryAgain')} kind="soft" onPress={earlier.retry} />
        </View>
      )}
    </View>
  )
}

/** Room under the last message for the line that says who is typing. */
const padding = { start: space.s, end: 28 }

const styles = StyleSheet.create({
  list: { flex: 1, minHeight: 0 },
  problem: {
    position: 'absolute',
    top: space.s,
    start: space.m,
    end: space.m,
    alignItems: 'center',
    gap: space.s,
  },
})
