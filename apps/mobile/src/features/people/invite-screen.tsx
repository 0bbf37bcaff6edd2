import { ApiProblem } from '@finnigram/client'
import type { InvitePreview } from '@finnigram/contracts'
import { type RouteProp, useNavigation, useRoute } from '@react-navigation/native'
import { useCallback, useEffect, useState } from 'react'
import { View } from 'react-native'
import type { AppNavigation, AppRoutes } from '../../app-shell/routes.ts'
import { type Translate, useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsMounted, useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'

/** Opened by an invite link: a preview of the group, and the button to join. */
export function InviteScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const { params } = useRoute<RouteProp<AppRoutes, 'invite'>>()
  const navigation = useNavigation<AppNavigation>()
  const { preview, failure, problem, busy, join, reload } = useInvite(params.code, (id) =>
    navigation.replace('chat', { id }),
  )
  return (
    <View style={styles.pane}>
      <PaneHeader
        title={t(failure === null ? 'inviteTitle' : 'invitation')}
        onBack={() => navigation.popTo('home')}
      />
      {failure !== null ? (
        <EmptyState icon="chat" {...failureTexts[failure](t)} />
      ) : (
        <View style={styles.content}>
          {preview !== null && (
            <>
              <Avatar id={preview.code} name={preview.title} size={96} />
              <Text size="heading" weight="700" align="center" role="heading" aria-level={2}>
                {preview.title}
              </Text>
              <Text color="muted" align="center">
                {t('members', { count: preview.participantCount })}
              </Text>
              {preview.description !== null && <Text align="center">{preview.description}</Text>}
            </>
          )}
          {problem !== null && <Notice text={t(problem)} />}
          {preview === null ? (
            problem !== null && <Button title={t('tryAgain')} onPress={reload} />
          ) : (
            <Button
              testID="invite-join"
              title={t(preview.conversationId === null ? 'inviteJoin' : 'inviteOpen')}
              busy={busy}
              onPress={join}
            />
          )}
        </View>
      )}
    </View>
  )
}

const failureTexts = {
  gone: (t: Translate) => ({ title: t('inviteGoneTitle'), body: t('inviteGoneBody') }),
  removed: (t: Translate) => ({ title: t('inviteRemovedTitle'), body: t('inviteRemovedBody') }),
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  content: {
    flex: 1,
    alignItems: 'center',
    justifyContent: 'center',
    gap: space.m,
    padding: space.xl,
    width: '100%',
    maxWidth: 420,
    alignSelf: 'center',
  },
}))

/** Why an invite cannot be used; null for errors that may pass. */
function inviteFailure(error: unknown): 'gone' | 'removed' | null {
  if (!(error instanceof ApiProblem)) return null
  if (error.code === 'removed_from_group') return 'removed'
  return error.code === 'gone' || error.status === 404 || error.status === 400 ? 'gone' : null
}

const problemMessages = { conflict: 'problemGroupFull' } as const

/** Preview of an invite, and how to accept it. `onJoined` opens the group. */
function useInvite(code: string, onJoined: (conversationId: string) => void) {
  const { conversations } = useClient()
  const { run, busy, problem } = useTask(problemMessages)
  const isMounted = useIsMounted()
  const [preview, setPreview] = useState<InvitePreview | null>(null)
  const [failure, setFailure] = useState<'gone' | 'removed' | null>(null)

  const detectDeadInvite = useCallback(async (task: Promise<unknown>) => {
    try {
      await task
    } catch (error) {
      const found = inviteFailure(error)
      if (found === null) throw error
      setFailure(found)
    }
  }, [])
  const reload = useCallback(
    () => void run(() => detectDeadInvite(conversations.previewInvite(code).then(setPreview))),
    [conversations, code, run, detectDeadInvite],
  )
  useEffect(reload, [reload])

  const join = () => {
    if (preview?.conversationId) return onJoined(preview.conversationId)
    void run(() =>
      detectDeadInvite(conversations.acceptInvite(code).then(({ id }) => isMounted() && onJoined(id))),
    )
  }
  return { preview, failure, problem, busy, join, reload }
}
