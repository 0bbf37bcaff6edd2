import type { ChatRow } from './build-rows.ts'

/** The first message at or after a row, and the last one at or before it. */
export type RowSeqs = { from: number; to: number }

/** Where each row stands among the messages, by the row's key. */
export function seqsByKey(rows: readonly ChatRow[]): Map<string, RowSeqs> {
  const seqs = new Map<string, RowSeqs>()
  const first = rows.find((row) => 'message' in row && row.message.seq !== null)
  let last = first && 'message' in first ? (first.message.seq ?? 1) - 1 : 0
  for (const row of rows) {
    const seq = 'message' in row ? row.message.seq : null
    last = seq ?? last
    seqs.set(row.key, { from: seq ?? last + 1, to: last })
  }
  return seqs
}
