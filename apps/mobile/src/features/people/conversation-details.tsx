import type { ConversationView } from '@finnigram/client'
import type { Participant, PublicUser } from '@finnigram/contracts'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe, usePresence } from '../../providers/use-client-data.ts'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SectionTitle, Text } from '../../ui/text.tsx'
import { SentInvitations } from '../invitations/sent-invitations.tsx'
import { PersonRow } from './person-row.tsx'
import { usePresenceText } from './use-people.ts'
import { useStartDirect } from './use-start-direct.ts'

type DetailsHeadProps = {
  id: string
  name: string
  subtitle: string
  presence?: 'online' | 'away' | undefined
  icon?: IconName | undefined
}

/** Avatar and name at the top of the details. */
function DetailsHead({ id, name, subtitle, presence, icon }: DetailsHeadProps) {
  return (
    <View style={styles.head}>
      <Avatar id={id} name={name} size={104} presence={presence} icon={icon} />
      <Text size="heading" weight="700" align="center" role="heading" aria-level={2} style={styles.name}>
        {name}
      </Text>
      {subtitle !== '' && (
        <Text color="muted" align="center">
          {subtitle}
        </Text>
      )}
    </View>
  )
}

const styles = StyleSheet.create({
  head: { alignItems: 'center', paddingTop: space.xxl, paddingBottom: space.xl, paddingHorizontal: space.l },
  // A long word is broken instead of cut off.
  name: { marginTop: space.l, maxWidth: '100%' },
})

/** The public profile of a person. */
export function PersonDetails({ person }: { person: PublicUser }) {
  const { t } = useI18n()
  const me = useMe()
  const toMyself = person.id === me.id
  const presence = usePresence(toMyself ? undefined : person.id)
  const words = usePresenceText(presence)
  const { status } = presence
  return (
    <>
      <DetailsHead
        id={person.id}
        name={toMyself ? t('notesToSelf') : person.displayName}
        subtitle={toMyself ? t('notesStart') : words}
        icon={toMyself ? 'bookmark' : undefined}
        presence={status === 'online' || status === 'away' ? status : undefined}
      />
      {!toMyself && <DetailsCard label={t('username')} text={`@${person.username}`} />}
      {!toMyself && person.bio !== '' && <DetailsCard label={t('about')} text={person.bio} />}
    </>
  )
}

type GroupDetailsProps = {
  conversation: ConversationView
  /** Why not all members could be loaded. */
  problem: PlainText | null
}

/** A group and its members. */
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
        <View style={groupDetailsStyles.notice}>
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
        <View style={groupDetailsStyles.notice}>
          <Notice text={t(problem)} />
        </View>
      )}
    </>
  )
}

const groupDetailsStyles = StyleSheet.create({ notice: { paddingHorizontal: space.l } })

/** A labelled fact. */
function DetailsCard({ label, text }: { label: string; text: string }) {
  const styles = useStyles()
  return (
    <View style={styles.card}>
      <Text size="small" color="muted">
        {label}
      </Text>
      <Text selectable>{text}</Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  card: {
    marginHorizontal: space.l,
    marginBottom: space.s,
    padding: space.l,
    gap: 2,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
}))
