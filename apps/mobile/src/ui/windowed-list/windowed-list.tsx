import { FlashList, type FlashListRef } from '@shopify/flash-list'
import { type RefObject, useImperativeHandle, useRef } from 'react'
import type { NativeScrollEvent, NativeSyntheticEvent } from 'react-native'
import type { ListView, WindowedListProps } from './list-props.ts'

/** A long list that renders what is on screen and keeps it in place when rows come in above. */
export function WindowedList<Row extends { key: string }>(props: WindowedListProps<Row>) {
  const { rows, from, initialKey, initialPlace, onNearEdge, onMove, ref } = props
  const list = useRef<FlashListRef<Row>>(null)
  useListHandle(list, { rows, ref })
  const { move, drag } = useMoves({ from, onMove })
  const indexOf = (key: string | undefined) => rows.findIndex((row) => row.key === key)
  const placed = indexOf(initialPlace?.key)
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
      onScroll={({ nativeEvent }: NativeSyntheticEvent<NativeScrollEvent>) => {
        const { contentOffset, contentSize, layoutMeasurement } = nativeEvent
        const atEnd = contentOffset.y + layoutMeasurement.height >= contentSize.height - 24
        move({ atEnd, ...(atEnd ? { lastVisible: rows.at(-1)?.key } : {}) })
      }}
      viewabilityConfig={wholeRows}
      onViewableItemsChanged={({ viewableItems }) => {
        const [first, last] = [viewableItems[0]?.item.key, viewableItems.at(-1)?.item.key]
        const place = first === undefined ? undefined : { key: first, offset: 0 }
        move({ firstVisible: first, lastVisible: last, place })
      }}
    />
  )
}

/** A list that begins at its end stays there as rows come in, unless newer ones are left out. */
const positionKept = <Row extends { key: string }>(
  { from, followsEnd }: WindowedListProps<Row>,
  startRenderingFromBottom: boolean,
) =>
  from === 'end'
    ? { startRenderingFromBottom, ...(followsEnd === false ? {} : { autoscrollToBottomThreshold: 0.1 }) }
    : { disabled: true }

type Rows<Row> = WindowedListProps<Row & { key: string }>

/** What others may do with the list. */
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

/** Tells what is on screen as it changes, and whether a finger moves it. */
function useMoves<Row>({ from, onMove }: Pick<Rows<Row>, 'from' | 'onMove'>) {
  const dragged = useRef(false)
  const view = useRef<Omit<ListView, 'scrolled'>>({
    atEnd: from === 'end',
    firstVisible: undefined,
    lastVisible: undefined,
    place: undefined,
  })
  return {
    move(change: Partial<typeof view.current>) {
      view.current = { ...view.current, ...change }
      onMove?.({ ...view.current, scrolled: dragged.current })
    },
    drag(isDragged: boolean) {
      dragged.current = isDragged
    },
  }
}

/** Less than a whole row is not yet read; a row that fills the screen is. */
const wholeRows = { itemVisiblePercentThreshold: 95 }
