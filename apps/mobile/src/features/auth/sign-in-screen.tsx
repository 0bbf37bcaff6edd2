import { useNavigation } from '@react-navigation/native'
import { useCallback } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import type { AuthNavigation } from '../../navigation/routes.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { serverName } from '../../providers/server-address.ts'
import { space } from '../../theme/scale.ts'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { checkSignIn } from './auth-errors.ts'
import { AuthFooter } from './auth-footer.tsx'
import { AuthStage } from './auth-stage.tsx'
import { useAuthForm } from './use-auth-form.ts'
import { UsernameField } from './username-field.tsx'

export function SignInScreen() {
  const { t } = useI18n()
  const { session } = useClient()
  const navigation = useNavigation<AuthNavigation>()
  const send = useCallback(
    ({ username, password }: { username: string; password: string }) =>
      session.login({ identifier: username.trim(), password }),
    [session],
  )
  const { field, submit, busy, problem } = useAuthForm({ check: checkSignIn, send })
  return (
    <AuthStage title={t('signInTitle')} subtitle={t('signInTo', { server: serverName })}>
      <Form label={t('signIn')} onSubmit={submit}>
        <View style={styles.fields}>
          <UsernameField {...field('username')} />
          <PasswordField
            testID="auth-password"
            label={t('password')}
            autoComplete="current-password"
            last
            {...field('password')}
          />
          {problem !== null && <Notice text={t(problem)} />}
          <AuthFooter
            action={t('signIn')}
            busy={busy}
            question={t('noAccount')}
            other={t('register')}
            onOther={() => navigation.navigate('register')}
          />
        </View>
      </Form>
    </AuthStage>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
