import type { InvitationView } from '@finnigram/client'
import { useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useTask } from '../../providers/use-task.ts'

const words = { conflict: 'problemGroupFull' } as const

/** How to answer an invitation. Once accepted the chat stands in its place; `onLeave` is told of any other end. */
export function useAnswer({ id, invitedBy }: InvitationView, onLeave: () => void) {
  const { invitations } = useClient()
  const { run, busy, problem } = useTask(words)
  const [answer, setAnswer] = useState<'accept' | 'decline' | 'block'>('accept')
  const give = (which: typeof answer, task: () => Promise<unknown>) => () => {
    setAnswer(which)
    void run(task)
  }
  return {
    answer,
    busy,
    problem,
    accept: give('accept', () => invitations.accept(id)),
    decline: give('decline', () => invitations.decline(id).then(onLeave)),
    block: give('block', () => invitations.block(id, invitedBy).then(onLeave)),
  }
}
