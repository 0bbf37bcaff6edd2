import type { MessageView } from '@finnigram/client'
import { useEffect } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useAttention } from './use-attention.ts'

type Reading = { conversationId: string; items: readonly MessageView[]; atEnd: boolean; visible: boolean }

/** Marks the conversation read while its newest message is on screen and the person is looking. */
export function useReadMarker({ conversationId, items, atEnd, visible }: Reading): void {
  const { conversations } = useClient()
  const attentive = useAttention()
  const newest = items.findLast(({ seq }) => seq !== null)?.seq ?? 0
  const reading = attentive && visible && atEnd && newest > 0
  useEffect(() => {
    if (reading) conversations.markRead(conversationId, newest)
  }, [conversations, conversationId, newest, reading])
}
