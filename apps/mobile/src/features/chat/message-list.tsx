import type { MessagesPart } from '@finnigram/client'
import { type ReactNode, type Ref, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import { useConnection } from '../../providers/use-client-data.ts'
import { space, typeScale } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { ListView, WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import type { ChatRow } from './build-rows.ts'
import { useConversationTitle } from './chat-header.tsx'
import { type ChatRowContext, ChatRowView } from './chat-row-view.tsx'
import { FloatingDay, type FloatingDayHandle } from './day-chip.tsx'
import { daysByKey } from './days-by-key.ts'
import { foldText } from './message-text.ts'
import { scrollPositions } from './scroll-positions.ts'

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
const initialScrollMs = 700

/**
 * The conversation from old to new, standing where it was left, or else at what is new, or at its
 * end.
 */
export function MessageList({ rows, hasAfter, fromEnd, above, onMove, ref, ...context }: MessageListProps) {
  const { t } = useI18n()
  const { title } = useConversationTitle(context.conversation)
  const { id } = context.conversation
  const client = useClient()
  const places = scrollPositions(client)
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
        canAnchor={(row) => row.kind === 'message' || row.kind === 'system'}
        estimate={estimateHeight}
        from="end"
        followsEnd={!hasAfter}
        initialKey={fromEnd ? undefined : 'unread'}
        initialPosition={initialPlace}
        padding={padding}
        label={t('messages', { name: title })}
        testID="message-list"
        onNearEdge={more.load}
        onMove={(view) => {
          const atEnd = view.atEnd && !hasAfter
          places.set(id, atEnd ? undefined : view.position)
          onMove({ ...view, atEnd })
          if (view.movement !== 'none') client.messages(id).stay()
          const scrolling = !atEnd && Date.now() - opened.current > initialScrollMs
          floating.current?.show(scrolling ? dayOf.get(view.firstVisible ?? '') : undefined)
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

const retryPauseMs = 3000

type ListEdge = 'start' | 'end'

/**
 * Loads more messages when the list nears one of its edges; after a failure it waits before it asks
 * again.
 */
function useMoreMessages(messages: MessagesPart) {
  const failedAt = useRef(Number.NEGATIVE_INFINITY)
  const [failure, setFailure] = useState<{ edge: ListEdge; problem: PlainText } | null>(null)
  const online = useConnection() === 'online'
  const load = useCallback(
    (edge: ListEdge) => {
      const { hasBefore, hasAfter, loadingBefore } = messages.snapshot()
      const isThere = edge === 'start' ? hasBefore : hasAfter
      if (!isThere || loadingBefore || performance.now() - failedAt.current < retryPauseMs) return
      const loading = edge === 'start' ? messages.loadBefore() : messages.loadAfter()
      loading.then(
        () => setFailure(null),
        (error: unknown) => {
          failedAt.current = performance.now()
          setFailure({ edge, problem: problemMessage(error) })
        },
      )
    },
    [messages],
  )
  const retry = useCallback(() => {
    failedAt.current = Number.NEGATIVE_INFINITY
    if (failure) load(failure.edge)
  }, [failure, load])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the network is back, not at each failure.
  useEffect(() => {
    if (online) retry()
  }, [online])
  return { load, retry, failure }
}

/** So many letters fill a line of a bubble on a phone, more or less. */
const lettersInLine = 44
const bubblePadding = 14

/** About how tall a row will be, before it was ever shown. */
function estimateHeight(row: ChatRow): number {
  if (row.kind === 'start') return 220
  if (row.kind !== 'message') return 50
  const whole = row.message.text ?? ''
  const text = foldText(whole) ?? whole
  const lines = text
    .split('\n')
    .reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(line.length / lettersInLine)),
      row.message.attachments.length,
    )
  return bubblePadding + lines * typeScale.message.lineHeight + (row.first ? space.m : 2)
}
