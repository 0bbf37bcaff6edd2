import { FlashList, type FlashListRef } from '@shopify/flash-list'
import { useImperativeHandle, useRef } from 'react'
import type { NativeScrollEvent, NativeSyntheticEvent } from 'react-native'
import type { WindowedListProps } from './list-props.ts'

/** A long list that renders what is on screen and keeps it in place when rows come in above. */
export function WindowedList<Row extends { key: string }>(props: WindowedListProps<Row>) {
  const { rows, from, initialKey, onNearEdge, onMove, ref } = props
  const list = useRef<FlashListRef<Row>>(null)
  const place = useRef<{ atEnd: boolean; firstVisible: string | undefined }>({
    atEnd: from === 'end',
    firstVisible: undefined,
  })
  useImperativeHandle(ref, () => ({
    scrollToEnd: (animated) => void list.current?.scrollToEnd({ animated }),
    scrollToKey(key) {
      const index = rows.findIndex((row) => row.key === key)
      if (index >= 0) void list.current?.scrollToIndex({ index, animated: true, viewPosition: 0.3 })
      return index >= 0
    },
  }))
  const move = (change: Partial<typeof place.current>) => {
    place.current = { ...place.current, ...change }
    onMove?.(place.current)
  }
  const initialIndex = initialKey === undefined ? -1 : rows.findIndex((row) => row.key === initialKey)
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
      maintainVisibleContentPosition={
        from === 'end'
          ? { startRenderingFromBottom: initialIndex < 0, autoscrollToBottomThreshold: 0.1 }
          : { disabled: true }
      }
      {...(initialIndex < 0 ? {} : { initialScrollIndex: initialIndex })}
      {...(from === 'end'
        ? { onStartReached: onNearEdge, onStartReachedThreshold: 2 }
        : { onEndReached: onNearEdge, onEndReachedThreshold: 2 })}
      onScroll={({ nativeEvent }: NativeSyntheticEvent<NativeScrollEvent>) => {
        const { contentOffset, contentSize, layoutMeasurement } = nativeEvent
        move({ atEnd: contentOffset.y + layoutMeasurement.height >= contentSize.height - 24 })
      }}
      onViewableItemsChanged={({ viewableItems }) => move({ firstVisible: viewableItems[0]?.item.key })}
    />
  )
}
