import { useNavigation } from '@react-navigation/native'
import { StyleSheet, View } from 'react-native'
import type { AuthNavigation } from '../../app-shell/routes.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { serverName } from '../../providers/server-address.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { CodeField } from './auth-fields.tsx'
import { AuthFooter } from './auth-footer.tsx'
import { AuthStage } from './auth-layout.tsx'
import { useSignIn } from './use-sign-in.ts'
import { UsernameField } from './username-field.tsx'

/** Username and password; where the account has a second factor, its code, once the password was right. */
export function SignInScreen() {
  const { t } = useI18n()
  const navigation = useNavigation<AuthNavigation>()
  const { field, submit, busy, problem, needsCode } = useSignIn()
  return (
    <AuthStage title={t('signInTitle')} subtitle={t('signInTo', { server: serverName })}>
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
    </AuthStage>
  )
}

const styles = StyleSheet.create({
  fields: { gap: space.l },
  forgot: { flexDirection: 'row', justifyContent: 'flex-end', marginEnd: -space.l, marginBottom: -space.m },
})
