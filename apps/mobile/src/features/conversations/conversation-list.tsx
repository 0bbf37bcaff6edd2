/**
 * The conversation list.
 *
 * - Order: unsent texts of chats one is no longer in, then invitations, then conversations. The SDK
 *   sorts the conversations; this file never does.
 * - Rows: titles appear only if there are invitations. Each row is memoised, and `ui/windowed-list`
 *   renders only those near the viewport.
 * - A conversation's row (`conversation-row.tsx`) shows title, time, a preview line, delivery
 *   status, unread badge and presence. Times move on each minute.
 * - Unsent texts stay until the person deletes them: nothing else leads to them.
 *
 * `ConversationListScreen` connects data and search. This component takes props only and loads
 * nothing.
 */

import type { ConversationView, InvitationView, Unsent } from '@finnigram/client'
import { memo, useMemo, useState } from 'react'
import { View } from 'react-native'
import { useI18n, useMinute } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { layout, minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SectionTitle, Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { WindowedList } from '../../ui/windowed-list/windowed-list.tsx'
import { copyText } from '../chat/device.ts'
import { ConversationItem } from './conversation-row.tsx'
import { ListRow } from './list-row.tsx'

type ConversationListProps = {
  conversations: readonly ConversationView[]
  /** Shown above all conversations. */
  invitations: readonly InvitationView[]
  /** Shown first: nothing else leads to these texts. */
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

type ConversationListRow = { key: string } & (
  | { kind: 'title'; word: 'invitations' | 'chats' }
  | { kind: 'unsent'; unsent: Unsent }
  | { kind: 'invitation'; invitation: InvitationView }
  | { kind: 'conversation'; conversation: ConversationView }
)

/** Titles are shown only if there are two kinds of rows. */
function rowsOf(
  conversations: readonly ConversationView[],
  invitations: readonly InvitationView[],
  unsent: readonly Unsent[],
): ConversationListRow[] {
  const unsentRows = unsent.map(
    (one): ConversationListRow => ({ key: `unsent-${one.conversationId}`, kind: 'unsent', unsent: one }),
  )
  const chatRows = conversations.map(
    (conversation): ConversationListRow => ({ key: conversation.id, kind: 'conversation', conversation }),
  )
  if (invitations.length === 0) return [...unsentRows, ...chatRows]
  return [
    ...unsentRows,
    { key: 'invitations', kind: 'title', word: 'invitations' },
    ...invitations.map(
      (invitation): ConversationListRow => ({ key: invitation.id, kind: 'invitation', invitation }),
    ),
    ...(chatRows.length > 0 ? [{ key: 'chats', kind: 'title', word: 'chats' } as const] : []),
    ...chatRows,
  ]
}

const titleHeight = 36
const padding = { start: 0, end: space.l }

type InvitationRowProps = {
  invitation: InvitationView
  selected: boolean
  onOpen: (id: string) => void
}

/** An invitation in the list: group, who invited, member count. */
const InvitationRow = memo(function InvitationRow({ invitation, selected, onOpen }: InvitationRowProps) {
  const { t } = useI18n()
  const { id, title, participantCount, inviter } = invitation
  const name = inviter?.displayName ?? t('someone')
  return (
    <ListRow
      testID={`invitation-row-${id}`}
      avatar={{ id, name: title }}
      selected={selected}
      onPress={() => onOpen(id)}
      end={<Icon name="forward" size={18} color="muted" />}
    >
      <Text weight="600" numberOfLines={1}>
        {title}
      </Text>
      <Text size="small" color="muted" numberOfLines={1}>
        {t('invitedBy', { name, members: t('members', { count: participantCount }) })}
      </Text>
    </ListRow>
  )
})

/** Unsent text of a chat I am no longer in. It can be copied and stays until it is deleted. */
function UnsentRow({ unsent }: { unsent: Unsent }) {
  const { t } = useI18n()
  const styles = useStyles()
  const { conversations } = useClient()
  const [outcome, setOutcome] = useState<'copied' | 'copyFailed' | null>(null)
  const { conversationId, title, texts } = unsent
  const text = texts.join('\n')
  return (
    <View testID={`unsent-${conversationId}`} style={styles.card}>
      <Text size="small" weight="600" color="danger">
        {t('unsentGone', { title })}
      </Text>
      <Text size="small" numberOfLines={4} selectable>
        {text}
      </Text>
      <View style={styles.actions}>
        <Touchable
          testID={`copy-unsent-${conversationId}`}
          style={styles.action}
          onPress={() => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'copyFailed'))}
        >
          <Text size="small" weight="600" color="accent" role="status">
            {t(outcome ?? 'copyText')}
          </Text>
        </Touchable>
        <Touchable
          testID={`discard-unsent-${conversationId}`}
          style={styles.action}
          onPress={() => conversations.discardUnsent(conversationId)}
        >
          <Text size="small" weight="600" color="danger">
            {t('delete')}
          </Text>
        </Touchable>
      </View>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  card: {
    marginHorizontal: space.l,
    marginBottom: space.s,
    paddingHorizontal: space.m,
    paddingTop: space.m,
    gap: space.xs,
    borderRadius: radius.card,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.raised,
  },
  actions: { flexDirection: 'row', gap: space.l },
  action: { minHeight: minimumTarget, justifyContent: 'center' },
}))
