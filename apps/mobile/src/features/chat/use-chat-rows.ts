import type { MessagesSnapshot } from '@finnigram/client'
import { useMemo, useState } from 'react'
import { type ChatRow, createRowBuilder } from './build-rows.ts'

/** The rows of a chat; a row that did not change stays the same object. */
export function useChatRows(snapshot: MessagesSnapshot, me: string): ChatRow[] {
  const [buildRows] = useState(() => createRowBuilder(me))
  return useMemo(() => buildRows(snapshot), [buildRows, snapshot])
}
