import { isCounted } from '@finnigram/client'
import type { ChatRow } from './build-rows.ts'

/**
 * `from` is the first message at or after a row, or an earlier one if those between do not count as
 * unread. `to` is the last message at or before the row.
 */
export type RowSeqs = { from: number; to: number }

/** The seqs of each row, by row key. */
export function seqsByKey(rows: readonly ChatRow[], me: string): Map<string, RowSeqs> {
  const seqs = new Map<string, RowSeqs>()
  const first = rows.find((row) => 'message' in row && row.message.seq !== null)
  let last = first && 'message' in first ? (first.message.seq ?? 1) - 1 : 0
  let from = last + 1
  for (const row of rows) {
    const message = 'message' in row ? row.message : undefined
    last = message?.seq ?? last
    seqs.set(row.key, { from, to: last })
    if (message !== undefined && message.seq !== null && isCounted(message, me)) from = message.seq + 1
  }
  return seqs
}
