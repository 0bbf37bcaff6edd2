import { ApiProblem } from '@finnigram/client'
import { useNavigation } from '@react-navigation/native'
import { useCallback, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { AuthNavigation } from '../../app-shell/routes.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { serverName } from '../../providers/server-address.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/text-field.tsx'
import { type AuthErrors, type AuthValues, checkSignIn } from './auth-errors.ts'
import { CodeField, UsernameField } from './auth-fields.tsx'
import { AuthFooter, AuthLayout } from './auth-layout.tsx'
import { useAuthForm } from './use-auth-form.ts'

/** Username and password, then the code if the account has a second factor. */
export function SignInScreen() {
  const { t } = useI18n()
  const navigation = useNavigation<AuthNavigation>()
  const { field, submit, busy, problem, needsCode } = useSignIn()
  return (
    <AuthLayout title={t('signInTitle')} subtitle={t('signInTo', { server: serverName })}>
      <Form label={t('signIn')} onSubmit={submit}>
        <View style={styles.fields}>
          <UsernameField {...field('username')} />
          <View>
            <PasswordField
              testID="auth-password"
              label={t('password')}
              autoComplete="current-password"
              last={!needsCode}
              {...field('password')}
            />
            <View style={styles.forgot}>
              <Button
                testID="auth-forgot"
                title={t('forgotPassword')}
                kind="plain"
                role="link"
                onPress={() => navigation.navigate('forgot')}
              />
            </View>
          </View>
          {needsCode && <CodeField {...field('code')} />}
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
    </AuthLayout>
  )
}

const styles = StyleSheet.create({
  fields: { gap: space.l },
  forgot: { flexDirection: 'row', justifyContent: 'flex-end', marginEnd: -space.l, marginBottom: -space.m },
})

/** Signs in, in one step or two. */
function useSignIn() {
  const { session } = useClient()
  const [needsCode, setNeedsCode] = useState(false)
  const check = useCallback(
    (values: AuthValues): AuthErrors => ({
      ...checkSignIn(values),
      ...(needsCode && values.code.trim() === '' ? { code: 'needCode' } : {}),
    }),
    [needsCode],
  )
  const send = useCallback(
    async ({ username, password, code }: AuthValues) => {
      const totp = needsCode ? { totp: code.trim() } : {}
      try {
        await session.login({ identifier: username.trim(), password, ...totp })
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === 'totp_required')) throw error
        setNeedsCode(true)
      }
    },
    [session, needsCode],
  )
  return { ...useAuthForm({ check, send }), needsCode }
}
