import { isCounted } from '@finnigram/client'
import type { ChatRow } from './build-rows.ts'

/**
 * The first message at or after a row, or the first of those right before it that count as unread for nobody; and the
 * last message at or before the row.
 */
export type RowSeqs = { from: number; to: number }

/** Where each row stands among the messages, by the row's key. */
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
