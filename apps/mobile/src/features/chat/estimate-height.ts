import { space, typeScale } from '../../theme/scale.ts'
import type { ChatRow } from './build-rows.ts'
import { foldText } from './message-text.ts'

/** So many letters fill a line of a bubble on a phone, more or less. */
const lettersInLine = 44
const bubblePadding = 14

/** About how tall a row will be, before it was ever shown. */
export function estimateHeight(row: ChatRow): number {
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
