import { FlashList, type FlashListRef } from '@shopify/flash-list'
import { type RefObject, useImperativeHandle, useRef } from 'react'
import type { WindowedListProps } from './list-props.ts'
import { visibleRows } from './visible-rows.ts'

/** A windowed list on phones, on FlashList. */
export function WindowedList<Row extends { key: string }>(props: WindowedListProps<Row>) {
  const { rows, initialKey, initialPosition, onNearEdge, ref } = props
  const list = useRef<FlashListRef<Row>>(null)
  useListHandle(list, { rows, ref })
  const { move, drag } = useMoves(list, props)
  const indexOf = (key: string | undefined) => rows.findIndex((row) => row.key === key)
  const placed = indexOf(initialPosition?.key)
  const initialIndex = placed >= 0 ? placed : indexOf(initialKey)
  return (
    <FlashList
      ref={list}
      data={rows}
      keyExtractor={(row) => row.key}
      renderItem={({ item }) => <>{props.renderRow(item)}</>}
      getItemType={props.kindOf}
      accessibilityRole="list"
      aria-label={props.label}
      testID={props.testID}
      contentContainerStyle={{ paddingTop: props.padding.start, paddingBottom: props.padding.end }}
      keyboardDismissMode="interactive"
      keyboardShouldPersistTaps="handled"
      maintainVisibleContentPosition={positionKept(props, initialIndex < 0)}
      {...(initialIndex < 0 ? {} : { initialScrollIndex: initialIndex })}
      onStartReached={() => onNearEdge?.('start')}
      onStartReachedThreshold={2}
      onEndReached={() => onNearEdge?.('end')}
      onEndReachedThreshold={2}
      onScrollBeginDrag={() => drag(true)}
      onScrollEndDrag={() => drag(false)}
      onMomentumScrollBegin={() => drag(true)}
      onMomentumScrollEnd={() => drag(false)}
      onScroll={move}
      onViewableItemsChanged={move}
    />
  )
}

/** A list from the end stays there as rows arrive, unless newer ones are not loaded. */
const positionKept = <Row extends { key: string }>(
  { from, followsEnd }: WindowedListProps<Row>,
  startRenderingFromBottom: boolean,
) =>
  from === 'end'
    ? { startRenderingFromBottom, ...(followsEnd === false ? {} : { autoscrollToBottomThreshold: 0.1 }) }
    : { disabled: true }

type Rows<Row> = WindowedListProps<Row & { key: string }>

/** The list's handle. */
function useListHandle<Row extends { key: string }>(
  list: RefObject<FlashListRef<Row> | null>,
  { rows, ref }: Pick<Rows<Row>, 'rows' | 'ref'>,
) {
  useImperativeHandle(ref, () => ({
    scrollToEnd: (animated) => void list.current?.scrollToEnd({ animated }),
    scrollToKey(key) {
      const index = rows.findIndex((row) => row.key === key)
      if (index >= 0) void list.current?.scrollToIndex({ index, animated: true, viewPosition: 0.3 })
      return index >= 0
    },
  }))
}

/** Reports what is visible, and whether a finger moves it. */
function useMoves<Row extends { key: string }>(
  list: RefObject<FlashListRef<Row> | null>,
  { rows, padding, onMove }: WindowedListProps<Row>,
) {
  const dragged = useRef(false)
  return {
    move() {
      // Before layout the list has no answers.
      if (list.current?.getLayout(0) === undefined) return
      const { startIndex: first, endIndex: last } = list.current.computeVisibleIndices()
      const view = visibleRows({
        keys: rows.map(({ key }) => key),
        boxOf: (index) => list.current?.getLayout(index),
        first,
        last,
        top: list.current.getAbsoluteLastScrollOffset() - list.current.getFirstItemOffset(),
        height: list.current.getWindowSize().height,
        paddingEnd: padding.end,
      })
      if (view !== undefined) onMove?.({ ...view, movement: dragged.current ? 'scrolled' : 'none' })
    },
    drag(isDragged: boolean) {
      dragged.current = isDragged
    },
  }
}
