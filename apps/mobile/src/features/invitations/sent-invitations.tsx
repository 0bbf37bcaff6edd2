import type { GroupInvitation } from '@finnigram/contracts'
import { useCallback, useEffect, useState } from 'react'
import { View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import { useConnection } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SectionTitle, Text } from '../../ui/text.tsx'

type SentInvitationsProps = {
  conversationId: string
  /**
   * Version of the conversation. It changes when somebody accepts; then the list is loaded again.
   */
  version: number
}

/** Pending invitations of a group that I manage; each can be withdrawn. */
export function SentInvitations({ conversationId, version }: SentInvitationsProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { items, loadProblem, withdrawProblem, withdraw, busyWith } = useSentInvitations(
    conversationId,
    version,
  )
  if (items.length === 0 && loadProblem === null) return null
  return (
    <View>
      <SectionTitle text={t('invitedTitle')} />
      <View style={styles.notices}>
        {loadProblem !== null && <Notice text={`${t('problemInvitations')} ${t(loadProblem)}`} />}
        {withdrawProblem !== null && <Notice text={t(withdrawProblem)} />}
      </View>
      {items.map(({ user }) => (
        <InvitedPersonRow
          key={user.id}
          user={user}
          busy={busyWith === user.id}
          onWithdraw={() => withdraw(user.id)}
        />
      ))}
    </View>
  )
}

function useSentInvitations(conversationId: string, version: number) {
  const { invitations } = useClient()
  const { run, problem: withdrawProblem } = useTask()
  const [items, setItems] = useState<readonly GroupInvitation[]>([])
  const [loadProblem, setLoadProblem] = useState<PlainText | null>(null)
  const [busyWith, setBusyWith] = useState<string | null>(null)
  const online = useConnection() === 'online'
  const load = useCallback(
    () =>
      invitations.sent(conversationId).then(
        (found) => {
          setItems(found)
          setLoadProblem(null)
        },
        (error: unknown) => setLoadProblem(problemMessage(error)),
      ),
    [invitations, conversationId],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version may mean that somebody accepted
  useEffect(() => void load(), [load, version, online])
  const withdraw = (userId: string) => {
    setBusyWith(userId)
    const work = () => invitations.withdraw(conversationId, userId).finally(load)
    void run(work).finally(() => setBusyWith(null))
  }
  return { items, withdrawProblem, loadProblem, withdraw, busyWith }
}

type InvitedPersonRowProps = { user: GroupInvitation['user']; busy: boolean; onWithdraw: () => void }

function InvitedPersonRow({ user, busy, onWithdraw }: InvitedPersonRowProps) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.row}>
      <Avatar id={user.id} name={user.displayName} size={44} />
      <View style={styles.names}>
        <Text weight="600" numberOfLines={1}>
          {user.displayName}
        </Text>
        <Text size="small" color="muted" numberOfLines={1}>
          @{user.username}
        </Text>
      </View>
      <Button
        testID={`withdraw-${user.username}`}
        label={t('withdrawFor', { name: user.displayName })}
        title={t('withdraw')}
        kind="plain"
        busy={busy}
        onPress={onWithdraw}
      />
    </View>
  )
}

const useStyles = createStyles(() => ({
  notices: { paddingHorizontal: space.l, gap: space.s },
  row: {
    minHeight: 64,
    paddingStart: space.l,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
  },
  names: { flex: 1, minWidth: 0 },
}))
