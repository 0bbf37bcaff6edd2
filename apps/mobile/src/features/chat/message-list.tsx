/**
 * The message list of one conversation, oldest first.
 *
 * - Rows: `build-rows.ts` turns messages into rows (day, unread divider, system message, message).
 *   Only rows near the viewport are rendered (`ui/windowed-list`).
 * - Opening: the list begins where the chat was left (`scroll-positions.ts`), else at the first
 *   unread message, else at the end.
 * - Scrolling: what is on screen keeps its position whatever loads or is measured above it. New
 *   messages are followed only by a view that is at the end, and only if the end of the
 *   conversation is loaded.
 * - Loading: within two screens of an edge the next page is asked for. After a failure it waits
 *   3 seconds, shows the problem at that edge, and retries when the network is back.
 * - Reading: every move reports the shown range to `useReadMarker`. The read marker moves only
 *   along messages that were on screen (`shown-ranges.ts`).
 *
 * It never calls the server itself (the SDK does) and never marks anything as read. `chat.tsx`
 * renders it.
 */

import type { MessagesApi } from '@finnigram/client'
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
  /** Newer messages are not loaded: the last row is not the end of the conversation. */
  hasAfter: boolean
  /** The person asked for the newest messages, so it begins at the end. */
  fromEnd: boolean
  /** Shown over the top of the list, above its own notices. */
  above: ReactNode
  onMove: (view: ListView) => void
  ref: Ref<WindowedListHandle>
}

/** Moves in this time after opening are the initial positioning, not scrolling. */
const initialScrollMs = 700

/** Messages from old to new; see the top of this file. */
export function MessageList({ rows, hasAfter, fromEnd, above, onMove, ref, ...context }: MessageListProps) {
  const { t } = useI18n()
  const { title } = useConversationTitle(context.conversation)
  const { id } = context.conversation
  const client = useClient()
  const positions = scrollPositions(client)
  const [initialPosition] = useState(() => positions.get(id))
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
        initialPosition={initialPosition}
        padding={padding}
        label={t('messages', { name: title })}
        testID="message-list"
        onNearEdge={more.load}
        onMove={(view) => {
          const atEnd = view.atEnd && !hasAfter
          positions.set(id, atEnd ? undefined : view.position)
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

/** Space below the last message for the typing indicator. */
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

/** Loads the next page near an edge; waits after a failure before it tries again. */
function useMoreMessages(messages: MessagesApi) {
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

/** Approximate number of letters in a line of a bubble on a phone. */
const lettersInLine = 44
const bubblePadding = 14

/** Estimated height of a row that was never rendered. */
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
