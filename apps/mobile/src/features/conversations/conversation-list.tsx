import type { ConversationView, InvitationView, Unsent } from '@finnigram/client'
import { useMemo } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'
import { layout, space } from '../../theme/scale.ts'
import { SectionTitle } from '../../ui/section-title.tsx'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { InvitationRow } from '../invitations/invitation-row.tsx'
import { ConversationItem } from './conversation-item.tsx'
import { UnsentRow } from './unsent-row.tsx'

type ConversationListProps = {
  conversations: readonly ConversationView[]
  /** They stand above all, whatever was said last. */
  invitations: readonly InvitationView[]
  /** It stands above the invitations: nothing else leads to it. */
  unsent: readonly Unsent[]
  selectedId: string | undefined
  onOpen: (id: string) => void
}

export function ConversationList(props: ConversationListProps) {
  const { conversations, invitations, unsent, selectedId, onOpen } = props
  const { t } = useI18n()
  const now = useMinute()
  const rows = useMemo(() => rowsOf(conversations, invitations, unsent), [conversations, invitations, unsent])
  return (
    <WindowedList
      rows={rows}
      from="start"
      label={t('conversationList')}
      testID="conversation-list"
      kindOf={({ kind }) => kind}
      estimate={({ kind }) => (kind === 'title' ? titleHeight : layout.conversationRow)}
      padding={padding}
      renderRow={(row) => {
        if (row.kind === 'title') return <SectionTitle text={t(row.word)} />
        if (row.kind === 'unsent') return <UnsentRow unsent={row.unsent} />
        if (row.kind === 'invitation') {
          const { invitation } = row
          const selected = invitation.id === selectedId
          return <InvitationRow invitation={invitation} selected={selected} onOpen={onOpen} />
        }
        return (
          <ConversationItem
            conversation={row.conversation}
            selected={row.conversation.id === selectedId}
            now={now}
            onOpen={onOpen}
          />
        )
      }}
    />
  )
}

type Row = { key: string } & (
  | { kind: 'title'; word: 'invitations' | 'chats' }
  | { kind: 'unsent'; unsent: Unsent }
  | { kind: 'invitation'; invitation: InvitationView }
  | { kind: 'conversation'; conversation: ConversationView }
)

/** Titles stand there only where there are two kinds of rows. */
function rowsOf(
  conversations: readonly ConversationView[],
  invitations: readonly InvitationView[],
  unsent: readonly Unsent[],
): Row[] {
  const lost = unsent.map(
    (one): Row => ({ key: `unsent-${one.conversationId}`, kind: 'unsent', unsent: one }),
  )
  const chats = conversations.map(
    (conversation): Row => ({ key: conversation.id, kind: 'conversation', conversation }),
  )
  if (invitations.length === 0) return [...lost, ...chats]
  return [
    ...lost,
    { key: 'invitations', kind: 'title', word: 'invitations' },
    ...invitations.map((invitation): Row => ({ key: invitation.id, kind: 'invitation', invitation })),
    ...(chats.length > 0 ? [{ key: 'chats', kind: 'title', word: 'chats' } as const] : []),
    ...chats,
  ]
}

const titleHeight = 36
const padding = { start: 0, end: space.l }
