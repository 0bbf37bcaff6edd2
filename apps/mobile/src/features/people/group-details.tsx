import type { ConversationView } from '@finnigram/client'
import type { Participant } from '@finnigram/contracts'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe, usePresence } from '../../providers/use-client-data.ts'
import { space } from '../../theme/scale.ts'
import { Notice } from '../../ui/notice.tsx'
import { SectionTitle } from '../../ui/section-title.tsx'
import { SentInvitations } from '../invitations/sent-invitations.tsx'
import { DetailsHead } from './conversation-details.tsx'
import { PersonRow } from './person-row.tsx'
import { useStartDirect } from './use-start-direct.ts'

type GroupDetailsProps = {
  conversation: ConversationView
  /** Why not all members are known. */
  problem: PlainText | null
}

/** A group and the people in it. */
export function GroupDetails({ conversation, problem }: GroupDetailsProps) {
  const { t } = useI18n()
  const { id, displayTitle, participants, participantCount, me, version } = conversation
  return (
    <>
      <DetailsHead
        id={id}
        name={displayTitle}
        subtitle={conversation.description ?? t('members', { count: participantCount })}
        icon={undefined}
      />
      {me.role !== 'member' && <SentInvitations conversationId={id} version={version} />}
      <SectionTitle text={t('membersTitle')} />
      {problem !== null && participants.length < participantCount && (
        <View style={styles.notice}>
          <Notice text={`${t('problemMembers')} ${t(problem)}`} />
        </View>
      )}
      {participants.map((participant) => (
        <Member key={participant.userId} participant={participant} />
      ))}
    </>
  )
}

function Member({ participant: { user, role } }: { participant: Participant }) {
  const { t } = useI18n()
  const me = useMe()
  const { start, problem } = useStartDirect()
  const { status } = usePresence(user.id === me.id ? undefined : user.id)
  return (
    <>
      <PersonRow
        person={user}
        presence={status === 'online' || status === 'away' ? status : undefined}
        note={role === 'owner' ? t('roleOwner') : role === 'admin' ? t('roleAdmin') : undefined}
        onPress={({ id }) => start(id)}
      />
      {problem !== null && (
        <View style={styles.notice}>
          <Notice text={t(problem)} />
        </View>
      )}
    </>
  )
}

const styles = StyleSheet.create({ notice: { paddingHorizontal: space.l } })
