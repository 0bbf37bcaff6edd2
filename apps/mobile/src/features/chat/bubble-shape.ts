import type { ViewStyle } from 'react-native'
import { radius } from '../../theme/scale.ts'

/** Round, but for the corners where a bubble meets the next one of its group. */
export function bubbleShape({
  mine,
  first,
  last,
}: {
  mine: boolean
  first: boolean
  last: boolean
}): ViewStyle {
  const top = first ? radius.bubble : radius.bubbleGrouped
  const bottom = last ? radius.bubble : radius.bubbleGrouped
  return mine
    ? { borderTopEndRadius: top, borderBottomEndRadius: bottom }
    : { borderTopStartRadius: top, borderBottomStartRadius: bottom }
}
