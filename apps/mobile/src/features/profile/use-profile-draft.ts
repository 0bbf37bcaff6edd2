import { useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'

/** My profile as it is being changed, and how to save it. */
export function useProfileDraft() {
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem, said } = useTask()
  const [draft, setDraft] = useState({ displayName: me.displayName, bio: me.bio })
  const displayName = draft.displayName.trim()
  const bio = draft.bio.trim()
  const changed = displayName !== me.displayName || bio !== me.bio
  return {
    draft,
    busy,
    problem,
    said,
    changed,
    change: (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part })),
    save: () => {
      if (changed && displayName !== '') void run(() => session.updateMe({ displayName, bio }))
    },
  }
}
