import { useNavigation } from '@react-navigation/native'
import { useCallback, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { AuthNavigation } from '../../app-shell/routes.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { type AuthValues, checkEmail } from './auth-errors.ts'
import { AuthFooter } from './auth-footer.tsx'
import { AuthStage } from './auth-layout.tsx'
import { EmailField } from './email-field.tsx'
import { useAuthForm } from './use-auth-form.ts'

/** Asks for a link that sets a new password; says the same whether the address is known or not. */
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
      <AuthStage title={t('linkSentTitle')} subtitle={t('linkSentBody', { email: sentTo })}>
        <Button testID="auth-back" title={t('signIn')} wide onPress={back} />
      </AuthStage>
    )
  }
  return (
    <AuthStage title={t('forgotTitle')} subtitle={t('forgotSubtitle')}>
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
    </AuthStage>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
