import { ApiProblem } from '@finnigram/client'
import type { InvitePreview } from '@finnigram/contracts'
import { useCallback, useEffect, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useTask } from '../../providers/use-task.ts'

const isGone = (error: unknown) =>
  error instanceof ApiProblem && (error.code === 'gone' || error.status === 404 || error.status === 400)

/** What an invite leads to, and how to accept it; `onInside` opens the group. */
export function useInvite(code: string, onInside: (conversationId: string) => void) {
  const { conversations } = useClient()
  const { run, busy, problem } = useTask()
  const [preview, setPreview] = useState<InvitePreview | null>(null)
  const [gone, setGone] = useState(false)

  const noticing = useCallback(async (task: Promise<unknown>) => {
    try {
      await task
    } catch (error) {
      if (!isGone(error)) throw error
      setGone(true)
    }
  }, [])
  const reload = useCallback(
    () => void run(() => noticing(conversations.previewInvite(code).then(setPreview))),
    [conversations, code, run, noticing],
  )
  useEffect(reload, [reload])

  const join = () => {
    if (preview?.conversationId) return onInside(preview.conversationId)
    void run(() => noticing(conversations.acceptInvite(code).then(({ id }) => onInside(id))))
  }
  return { preview, gone, problem, busy, join, reload }
}
