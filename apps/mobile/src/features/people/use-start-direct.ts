import { useCallback } from 'react'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsMounted, useTask } from '../../providers/use-task.ts'

const problemMessages = { not_found: 'problemPersonGone' } as const

type StartDirectOptions = {
  /** The chat takes the place of what was used to find the person. */
  replace?: boolean
  /** The chat is open. */
  onOpened?: () => void
}

/**
 * Opens the direct chat with a person, made on the server where there is none yet, unless what
 * asked for it is gone by then; says why that did not work.
 */
export function useStartDirect({ replace = false, onOpened }: StartDirectOptions = {}) {
  const { conversations } = useClient()
  const openChat = useOpenChat()
  const { run, problem } = useTask(problemMessages)
  const isThere = useIsMounted()
  const start = useCallback(
    (userId: string) =>
      void run(async () => {
        const known = conversations.list().find(({ kind, peer }) => kind === 'direct' && peer?.id === userId)
        const { id } = known ?? (await conversations.createDirect(userId))
        if (!isThere()) return
        openChat(id, { replace })
        onOpened?.()
      }),
    [conversations, openChat, run, replace, onOpened, isThere],
  )
  return { start, problem }
}
