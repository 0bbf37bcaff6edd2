import { ApiProblem } from '@finnigram/client'
import { useNavigation } from '@react-navigation/native'
import { useCallback, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { AuthNavigation } from '../../app-shell/routes.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button, SubmitButton } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/text-field.tsx'
import { type AuthValues, checkEmail, checkNewPassword } from './auth-errors.ts'
import { EmailField } from './auth-fields.tsx'
import { AuthFooter, AuthLayout } from './auth-layout.tsx'
import { useAuthForm } from './use-auth-form.ts'

/**
 * Requests an email with a reset link. The reply is the same whether the address is known or not.
 */
export function ForgotScreen() {
  const { t } = useI18n()
  const { session } = useClient()
  const navigation = useNavigation<AuthNavigation>()
  const [sentTo, setSentTo] = useState<string | null>(null)
  const send = useCallback(
    async ({ email }: AuthValues) => {
      await session.forgotPassword(email.trim())
      setSentTo(email.trim())
    },
    [session],
  )
  const { field, submit, busy, problem } = useAuthForm({ check: checkEmail, send })
  const back = () => navigation.popTo('login')
  if (sentTo !== null) {
    return (
      <AuthLayout title={t('linkSentTitle')} subtitle={t('linkSentBody', { email: sentTo })}>
        <Button testID="auth-back" title={t('signIn')} wide onPress={back} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('forgotTitle')} subtitle={t('forgotSubtitle')}>
      <Form label={t('forgotTitle')} onSubmit={submit}>
        <View style={styles.fields}>
          <EmailField label={t('email')} autoFocus last {...field('email')} />
          {problem !== null && <Notice text={t(problem)} />}
          <AuthFooter
            action={t('sendLink')}
            busy={busy}
            question={t('rememberedIt')}
            other={t('signIn')}
            onOther={back}
          />
        </View>
      </Form>
    </AuthLayout>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })

type ResetPasswordScreenProps = { token: string; onDone: () => void }

/** Opened by the reset link: sets a new password. */
export function ResetPasswordScreen({ token, onDone }: ResetPasswordScreenProps) {
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
      <AuthLayout
        title={t(done ? 'resetDone' : 'linkGoneTitle')}
        subtitle={t(done ? 'resetDoneBody' : 'linkGoneBody')}
      >
        <Button testID="auth-back" title={t('signIn')} wide onPress={onDone} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('resetTitle')} subtitle={t('resetSubtitle')}>
      <Form label={t('resetTitle')} onSubmit={submit}>
        <View style={resetPasswordScreenStyles.fields}>
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
    </AuthLayout>
  )
}

const resetPasswordScreenStyles = StyleSheet.create({ fields: { gap: space.l } })
