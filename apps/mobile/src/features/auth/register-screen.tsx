import { useNavigation } from '@react-navigation/native'
import { useCallback } from 'react'
import { StyleSheet, View } from 'react-native'
import type { AuthNavigation } from '../../app-shell/routes.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { serverName } from '../../providers/server-address.ts'
import { space } from '../../theme/scale.ts'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField, TextField } from '../../ui/text-field.tsx'
import { type AuthValues, checkRegister } from './auth-errors.ts'
import { EmailField, UsernameField } from './auth-fields.tsx'
import { AuthFooter, AuthLayout } from './auth-layout.tsx'
import { useAuthForm } from './use-auth-form.ts'

export function RegisterScreen() {
  const { t } = useI18n()
  const { session } = useClient()
  const navigation = useNavigation<AuthNavigation>()
  const send = useCallback(
    ({ username, displayName, password, email }: AuthValues) =>
      session.register({
        username: username.trim(),
        displayName,
        password,
        ...(email.trim() === '' ? {} : { email: email.trim() }),
      }),
    [session],
  )
  const { field, submit, busy, problem } = useAuthForm({ check: checkRegister, send })
  return (
    <AuthLayout title={t('registerTitle')} subtitle={t('registerOn', { server: serverName })}>
      <Form label={t('register')} onSubmit={submit}>
        <View style={styles.fields}>
          <UsernameField hint={t('usernameHint')} {...field('username')} />
          <TextField
            testID="auth-display-name"
            label={t('displayName')}
            hint={t('displayNameHint')}
            autoComplete="name"
            {...field('displayName')}
          />
          <EmailField label={t('emailOptional')} hint={t('emailHint')} {...field('email')} />
          <PasswordField
            testID="auth-password"
            label={t('password')}
            hint={t('passwordHint')}
            autoComplete="new-password"
            last
            {...field('password')}
          />
          {problem !== null && <Notice text={t(problem)} />}
          <AuthFooter
            action={t('register')}
            busy={busy}
            question={t('haveAccount')}
            other={t('signIn')}
            onOther={() => navigation.popTo('login')}
          />
        </View>
      </Form>
    </AuthLayout>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
