import { type Ref, useMemo, useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { ListView, WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { useConversationTitle } from '../conversations/use-conversation-title.ts'
import type { ChatRow } from './build-rows.ts'
import { chatPlaces } from './chat-places.ts'
import { type ChatRowContext, ChatRowView } from './chat-row-view.tsx'
import { daysByKey } from './days-by-key.ts'
import { estimateHeight } from './estimate-height.ts'
import { FloatingDay, type FloatingDayHandle } from './floating-day.tsx'
import { useMoreMessages } from './use-more-messages.ts'

type MessageListProps = ChatRowContext & {
  rows: readonly ChatRow[]
  /** Newer messages are left out: the last row is not the end of the conversation. */
  hasAfter: boolean
  /** Asked for the newest messages, and not for what is unread. */
  fromEnd: boolean
  onMove: (view: ListView) => void
  ref: Ref<WindowedListHandle>
}

/** Finding the first place is not yet scrolling. */
const settlingMs = 700

/** The conversation from old to new, standing where it was left, or else at what is new, or at its end. */
export function MessageList({ rows, hasAfter, fromEnd, onMove, ref, ...context }: MessageListProps) {
  const { t } = useI18n()
  const { title } = useConversationTitle(context.conversation)
  const { id } = context.conversation
  const client = useClient()
  const places = chatPlaces(client)
  const [initialPlace] = useState(() => places.get(id))
  const more = useMoreMessages(client.messages(id))
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
        followsEnd={!hasAfter}
        initialKey={fromEnd ? undefined : 'unread'}
        initialPlace={initialPlace}
        padding={padding}
        label={t('messages', { name: title })}
        testID="message-list"
        onNearEdge={more.load}
        onMove={(view) => {
          const { firstVisible } = view
          const atEnd = view.atEnd && !hasAfter
          places.set(id, atEnd ? undefined : view.place)
          onMove({ ...view, atEnd })
          const scrolling = !atEnd && Date.now() - opened.current > settlingMs
          floating.current?.moved(scrolling ? dayOf.get(firstVisible ?? '') : undefined)
        }}
      />
      <FloatingDay ref={floating} />
      {more.failure !== null && (
        <View style={[styles.problem, more.failure.edge === 'start' ? styles.above : styles.below]}>
          <Notice
            text={`${t(more.failure.edge === 'start' ? 'problemEarlier' : 'problemLater')} ${t(more.failure.problem)}`}
          />
          <Button title={t('tryAgain')} kind="soft" onPress={more.retry} />
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
    start: space.m,
    end: space.m,
    alignItems: 'center',
    gap: space.s,
  },
  above: { top: space.s },
  below: { bottom: space.s },
})
