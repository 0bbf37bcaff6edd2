import type { InvitationView } from '@finnigram/client'
import { useState } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'

type InvitationProps = {
  invitation: InvitationView
  onBack: (() => void) | undefined
  /** Called after declining or blocking. */
  onLeave: () => void
}

/** An invitation to a group: what it shows of itself, and the answers. */
export function Invitation({ invitation, onBack, onLeave }: InvitationProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { block, ...given } = useInvitationResponse(invitation, onLeave)
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
        <InvitationActions name={inviter?.displayName} {...given} onBlock={() => setBlocking(true)} />
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

type InvitationActionsProps = Omit<ReturnType<typeof useInvitationResponse>, 'block'> & {
  /** Name of the inviter. Unknown inviters cannot be blocked. */
  name: string | undefined
  onBlock: () => void
}

function InvitationActions({ name, answer, busy, accept, decline, onBlock }: InvitationActionsProps) {
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

const problemMessages = { conflict: 'problemGroupFull' } as const

/**
 * Accept, decline or block. After accepting, the chat takes this screen's place; otherwise
 * `onLeave` is called.
 */
function useInvitationResponse({ id, invitedBy }: InvitationView, onLeave: () => void) {
  const { invitations } = useClient()
  const { run, busy, problem } = useTask(problemMessages)
  const [answer, setAnswer] = useState<'accept' | 'decline' | 'block'>('accept')
  const respond = (which: typeof answer, task: () => Promise<unknown>) => () => {
    setAnswer(which)
    void run(task)
  }
  return {
    answer,
    busy,
    problem,
    accept: respond('accept', () => invitations.accept(id)),
    decline: respond('decline', () => invitations.decline(id).then(onLeave)),
    block: respond('block', () => invitations.block(id, invitedBy).then(onLeave)),
  }
}

type BlockSheetProps = {
  name: string
  open: boolean
  busy: boolean
  problem: PlainText | null
  onBlock: () => void
  onClose: () => void
}

/** Asks for confirmation before blocking. */
function BlockSheet({ name, open, busy, problem, onBlock, onClose }: BlockSheetProps) {
  const { t } = useI18n()
  const title = t('blockQuestion', { name })
  return (
    <Sheet label={title} open={open} onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {title}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('blockBody')}
      </Text>
      {problem !== null && <Notice text={t(problem)} />}
      <View style={styles.buttons}>
        <Button title={t('cancel')} kind="plain" onPress={onClose} />
        <Button
          testID="block-confirm"
          title={t('blockPerson', { name })}
          kind="danger"
          busy={busy}
          onPress={onBlock}
        />
      </View>
    </Sheet>
  )
}

const styles = StyleSheet.create({
  body: { marginVertical: space.s },
  buttons: { flexDirection: 'row', justifyContent: 'flex-end', gap: space.s, marginTop: space.l },
})
