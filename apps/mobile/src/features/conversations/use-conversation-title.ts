import type { ConversationView } from '@finnigram/client'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'

/** How a conversation is called and pictured; the one with myself is for notes. */
export function useConversationTitle(conversation: ConversationView) {
  const { t } = useI18n()
  const me = useMe()
  const { id, peer, displayTitle } = conversation
  const toMyself = peer?.id === me.id
  return {
    toMyself,
    title: toMyself ? t('notesToSelf') : displayTitle,
    avatarId: peer?.id ?? id,
    icon: toMyself ? ('bookmark' as const) : undefined,
  }
}
