import { useCallback } from 'react'
import { useOpenChat } from '../../navigation/use-open-chat.ts'
import { useClient } from '../../providers/client-provider.tsx'

/** Opens the direct chat with a person, made on the server where there is none yet. Rejects when that could not be asked. */
export function useStartDirect() {
  const { conversations } = useClient()
  const openChat = useOpenChat()
  return useCallback(
    async (userId: string, how?: { replace?: boolean }) => {
      const known = conversations.list().find(({ kind, peer }) => kind === 'direct' && peer?.id === userId)
      const { id } = known ?? (await conversations.createDirect(userId))
      openChat(id, how)
    },
    [conversations, openChat],
  )
}
