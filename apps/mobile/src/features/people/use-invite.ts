import { ApiProblem } from '@finnigram/client'
import type { InvitePreview } from '@finnigram/contracts'
import { useCallback, useEffect, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsThere } from '../../providers/use-is-there.ts'
import { useTask } from '../../providers/use-task.ts'

/** Why an invite leads nowhere; null for what may pass. */
function endOf(error: unknown): 'gone' | 'removed' | null {
  if (!(error instanceof ApiProblem)) return null
  if (error.code === 'removed_from_group') return 'removed'
  return error.code === 'gone' || error.status === 404 || error.status === 400 ? 'gone' : null
}

const words = { conflict: 'problemGroupFull' } as const

/** What an invite leads to, and how to accept it; `onInside` opens the group. */
export function useInvite(code: string, onInside: (conversationId: string) => void) {
  const { conversations } = useClient()
  const { run, busy, problem } = useTask(words)
  const isThere = useIsThere()
  const [preview, setPreview] = useState<InvitePreview | null>(null)
  const [end, setEnd] = useState<'gone' | 'removed' | null>(null)

  const noticing = useCallback(async (task: Promise<unknown>) => {
    try {
      await task
    } catch (error) {
      const how = endOf(error)
      if (how === null) throw error
      setEnd(how)
    }
  }, [])
  const reload = useCallback(
    () => void run(() => noticing(conversations.previewInvite(code).then(setPreview))),
    [conversations, code, run, noticing],
  )
  useEffect(reload, [reload])

  const join = () => {
    if (preview?.conversationId) return onInside(preview.conversationId)
    void run(() => noticing(conversations.acceptInvite(code).then(({ id }) => isThere() && onInside(id))))
  }
  return { preview, end, problem, busy, join, reload }
}
