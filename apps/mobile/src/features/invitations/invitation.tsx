import type { InvitationView } from '@finnigram/client'
import { useState } from 'react'
import { ScrollView, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { BlockSheet } from './block-sheet.tsx'
import { useAnswer } from './use-answer.ts'

type InvitationProps = {
  invitation: InvitationView
  onBack: (() => void) | undefined
  /** It was declined. */
  onLeave: () => void
}

/** A group that asks me to join: as much as it shows of itself, and my answer. */
export function Invitation({ invitation, onBack, onLeave }: InvitationProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { block, ...given } = useAnswer(invitation, onLeave)
  const { busy, problem } = given
  const [blocking, setBlocking] = useState(false)
  const { id, title, participantCount, inviter } = invitation
  const name = inviter?.displayName ?? t('someone')
  return (
    <View style={styles.pane}>
      <PaneHeader title={t('invitation')} onBack={onBack} />
      <ScrollView contentContainerStyle={styles.content}>
        <Avatar id={id} name={title} size={96} />
        <Text size="heading" weight="700" align="center" role="heading" aria-level={2}>
          {title}
        </Text>
        <Text color="muted" align="center">
          {t('members', { count: participantCount })}
        </Text>
        <Text align="center">{t('invitedToGroup', { name })}</Text>
        <Text size="small" color="muted" align="center">
          {t('invitationHint')}
        </Text>
        {problem !== null && !blocking && <Notice text={t(problem)} />}
        <Answers name={inviter?.displayName} {...given} onBlock={() => setBlocking(true)} />
      </ScrollView>
      <BlockSheet
        name={name}
        open={blocking}
        busy={busy}
        problem={problem}
        onBlock={block}
        onClose={() => setBlocking(false)}
      />
    </View>
  )
}

type AnswersProps = Omit<ReturnType<typeof useAnswer>, 'block'> & {
  /** Of who asks, where that is known: only then can they be blocked. */
  name: string | undefined
  onBlock: () => void
}

function Answers({ name, answer, busy, accept, decline, onBlock }: AnswersProps) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.buttons}>
      <Button
        testID="invitation-accept"
        title={t('acceptInvitation')}
        wide
        busy={busy && answer === 'accept'}
        disabled={busy}
        onPress={accept}
      />
      <Button
        testID="invitation-decline"
        title={t('declineInvitation')}
        kind="soft"
        wide
        busy={busy && answer === 'decline'}
        disabled={busy}
        onPress={decline}
      />
      {name !== undefined && (
        <Button
          testID="invitation-block"
          title={t('blockPerson', { name })}
          kind="plain"
          disabled={busy}
          onPress={onBlock}
        />
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  content: {
    flexGrow: 1,
    alignItems: 'center',
    justifyContent: 'center',
    gap: space.m,
    padding: space.xl,
    width: '100%',
    maxWidth: 420,
    alignSelf: 'center',
  },
  buttons: { alignSelf: 'stretch', alignItems: 'center', gap: space.s, marginTop: space.m },
}))
