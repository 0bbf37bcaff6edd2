import { ApiProblem } from '@finnigram/client'
import { useCallback, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { SubmitButton } from '../../ui/submit-button.tsx'
import { type AuthValues, checkNewPassword } from './auth-errors.ts'
import { AuthStage } from './auth-layout.tsx'
import { useAuthForm } from './use-auth-form.ts'

type MailedLinkProps = { token: string; onDone: () => void }

/** Where the link in a mail leads: a new password. */
export function ResetPasswordScreen({ token, onDone }: MailedLinkProps) {
  const { t } = useI18n()
  const { session } = useClient()
  const [outcome, setOutcome] = useState<'done' | 'gone' | null>(null)
  const send = useCallback(
    async ({ password }: AuthValues) => {
      try {
        await session.resetPassword({ token, newPassword: password })
        setOutcome('done')
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === 'gone')) throw error
        setOutcome('gone')
      }
    },
    [session, token],
  )
  const { field, submit, busy, problem } = useAuthForm({ check: checkNewPassword, send })
  if (outcome !== null) {
    const done = outcome === 'done'
    return (
      <AuthStage
        title={t(done ? 'resetDone' : 'linkGoneTitle')}
        subtitle={t(done ? 'resetDoneBody' : 'linkGoneBody')}
      >
        <Button testID="auth-back" title={t('signIn')} wide onPress={onDone} />
      </AuthStage>
    )
  }
  return (
    <AuthStage title={t('resetTitle')} subtitle={t('resetSubtitle')}>
      <Form label={t('resetTitle')} onSubmit={submit}>
        <View style={styles.fields}>
          <PasswordField
            testID="auth-password"
            label={t('newPassword')}
            hint={t('passwordHint')}
            autoComplete="new-password"
            autoFocus
            last
            {...field('password')}
          />
          {problem !== null && <Notice text={t(problem)} />}
          <SubmitButton testID="auth-submit" title={t('setPassword')} busy={busy} wide />
        </View>
      </Form>
    </AuthStage>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
