import { type ReactNode, type Ref, useMemo, useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { ListView, WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { useConversationTitle } from '../conversations/use-conversation-title.ts'
import type { ChatRow } from './build-rows.ts'
import { type ChatRowContext, ChatRowView } from './chat-row-view.tsx'
import { daysByKey } from './days-by-key.ts'
import { estimateHeight } from './estimate-height.ts'
import { FloatingDay, type FloatingDayHandle } from './floating-day.tsx'
import { chatPlaces } from './scroll-positions.ts'
import { type ListEdge, useMoreMessages } from './use-more-messages.ts'

type MessageListProps = ChatRowContext & {
  rows: readonly ChatRow[]
  /** Newer messages are left out: the last row is not the end of the conversation. */
  hasAfter: boolean
  /** Asked for the newest messages, and not for what is unread. */
  fromEnd: boolean
  /** Over the top of the list, above what the list itself says there. */
  above: ReactNode
  onMove: (view: ListView) => void
  ref: Ref<WindowedListHandle>
}

/** Finding the first place is not yet scrolling. */
const settlingMs = 700

/**
 * The conversation from old to new, standing where it was left, or else at what is new, or at its
 * end.
 */
export function MessageList({ rows, hasAfter, fromEnd, above, onMove, ref, ...context }: MessageListProps) {
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
          const atEnd = view.atEnd && !hasAfter
          places.set(id, atEnd ? undefined : view.place)
          onMove({ ...view, atEnd })
          if (view.movement !== 'none') client.messages(id).stay()
          const scrolling = !atEnd && Date.now() - opened.current > settlingMs
          floating.current?.moved(scrolling ? dayOf.get(view.firstVisible ?? '') : undefined)
        }}
      />
      <View style={[styles.over, styles.top]}>
        {above}
        {more.failure?.edge === 'start' && <LoadProblem {...{ ...more.failure, retry: more.retry }} />}
        <FloatingDay ref={floating} />
      </View>
      {more.failure?.edge === 'end' && (
        <View style={[styles.over, styles.bottom]}>
          <LoadProblem {...{ ...more.failure, retry: more.retry }} />
        </View>
      )}
    </View>
  )
}

type LoadProblemProps = { edge: ListEdge; problem: PlainText; retry: () => void }

function LoadProblem({ edge, problem, retry }: LoadProblemProps) {
  const { t } = useI18n()
  return (
    <View style={styles.problem}>
      <Notice text={`${t(edge === 'start' ? 'problemEarlier' : 'problemLater')} ${t(problem)}`} />
      <Button title={t('tryAgain')} kind="soft" onPress={retry} />
    </View>
  )
}

/** Room under the last message for the line that says who is typing. */
const padding = { start: space.s, end: 28 }

const styles = StyleSheet.create({
  list: { flex: 1, minHeight: 0 },
  over: {
    position: 'absolute',
    start: space.s,
    end: space.s,
    alignItems: 'center',
    gap: space.s,
    pointerEvents: 'box-none',
  },
  top: { top: space.s },
  bottom: { bottom: space.s },
  problem: { maxWidth: '100%', alignItems: 'center', gap: space.s },
})
