import type { MessageView } from '@finnigram/client'
import { isCounted } from '@finnigram/client'
import { type RefObject, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { chatPlaces } from './scroll-positions.ts'

type Chat = { conversationId: string; me: string; list: RefObject<WindowedListHandle | null> }

/** Goes to the newest messages of a chat or to its first unread one, loaded or not. */
export function useJumps({ conversationId, me, list }: Chat) {
  const client = useClient()
  const messages = client.messages(conversationId)
  const [fromEnd, setFromEnd] = useState(false)
  const show = async (anchor: 'newest' | 'unread') => {
    chatPlaces(client).set(conversationId, undefined)
    setFromEnd(anchor === 'newest')
    // Away from the server there is nothing to go to; the person sees that, and can ask again.
    await messages.openAt(anchor).catch(() => undefined)
  }
  return {
    fromEnd,
    async toEnd(smoothly: boolean) {
      const { items, hasAfter, loadingBefore } = messages.snapshot()
      // A first page that is on its way may end before the newest message.
      const isOpening = items.length === 0 && loadingBefore
      if (hasAfter || isOpening) await show('newest')
      list.current?.scrollToEnd(smoothly)
    },
    async toUnread() {
      await show('unread')
      const { lastReadSeq = 0, joinedSeq = 0 } = client.conversations.get(conversationId)?.me ?? {}
      const upTo = Math.max(lastReadSeq, joinedSeq)
      const isFirst = (item: MessageView) => item.seq !== null && item.seq > upTo && isCounted(item, me)
      const first = messages.snapshot().items.find(isFirst)
      if (first !== undefined) list.current?.scrollToKey(first.id)
    },
  }
}
