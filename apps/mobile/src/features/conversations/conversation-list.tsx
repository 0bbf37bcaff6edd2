import type { ConversationView } from '@finnigram/client'
import { useMemo } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'
import { layout, space } from '../../theme/scale.ts'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { ConversationItem } from './conversation-item.tsx'

type ConversationListProps = {
  conversations: readonly ConversationView[]
  selectedId: string | undefined
  onOpen: (id: string) => void
}

export function ConversationList({ conversations, selectedId, onOpen }: ConversationListProps) {
  const { t } = useI18n()
  const now = useMinute()
  const rows = useMemo(
    () => conversations.map((conversation) => ({ key: conversation.id, conversation })),
    [conversations],
  )
  return (
    <WindowedList
      rows={rows}
      from="start"
      label={t('conversationList')}
      testID="conversation-list"
      kindOf={() => 'conversation'}
      estimate={() => layout.conversationRow}
      padding={padding}
      renderRow={({ conversation }) => (
        <ConversationItem
          conversation={conversation}
          selected={conversation.id === selectedId}
          now={now}
          onOpen={onOpen}
        />
      )}
    />
  )
}

const padding = { start: 0, end: space.l }
