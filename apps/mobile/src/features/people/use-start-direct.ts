import { useCallback } from 'react'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsMounted, useTask } from '../../providers/use-task.ts'

const problemMessages = { not_found: 'problemPersonGone' } as const

type StartDirectOptions = {
  /** Replaces the screen that found the person. */
  replace?: boolean
  /** Called once the chat is open. */
  onOpened?: () => void
}

/**
 * Opens the direct chat with a person and creates it if needed. Does not navigate if the calling
 * screen was left meanwhile.
 */
export function useStartDirect({ replace = false, onOpened }: StartDirectOptions = {}) {
  const { conversations } = useClient()
  const openChat = useOpenChat()
  const { run, problem } = useTask(problemMessages)
  const isMounted = useIsMounted()
  const start = useCallback(
    (userId: string) =>
      void run(async () => {
        const known = conversations.list().find(({ kind, peer }) => kind === 'direct' && peer?.id === userId)
        const { id } = known ?? (await conversations.createDirect(userId))
        if (!isMounted()) return
        openChat(id, { replace })
        onOpened?.()
      }),
    [conversations, openChat, run, replace, onOpened, isMounted],
  )
  return { start, problem }
}
