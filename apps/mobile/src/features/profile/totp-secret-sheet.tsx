import type { TotpSecret } from '@finnigram/client'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { SubmitButton } from '../../ui/submit-button.tsx'
import { Text } from '../../ui/text.tsx'
import { CodeField } from '../auth/auth-fields.tsx'
import { useAuthForm } from '../auth/use-auth-form.ts'

type TotpSecretSheetProps = TotpSecret & { onConfirmed: (codes: string[]) => void; onClose: () => void }

/** The secret for the authenticator app, and the code that shows it has arrived there. */
export function TotpSecretSheet({ secret, onConfirmed, onClose }: TotpSecretSheetProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { session } = useClient()
  const { field, submit, busy, problem } = useAuthForm({
    check: ({ code }) => (code.trim() === '' ? { code: 'needCode' } : {}),
    send: ({ code }) => session.confirmTotp(code.trim()).then(onConfirmed),
  })
  return (
    <Sheet label={t('totpOnTitle')} open onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {t('totpOnTitle')}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('totpSecretBody')}
      </Text>
      <View style={styles.secret}>
        <Text testID="totp-secret" selectable weight="600" align="center" style={styles.key}>
          {secret.replace(/.{16}(?!$)/g, '$&\n').replace(/.{4}(?!\s|$)/g, '$& ')}
        </Text>
      </View>
      <Form label={t('totpOnTitle')} onSubmit={submit}>
        <View style={styles.fields}>
          <CodeField hint={t('totpCodeHint')} {...field('code')} />
          {problem !== null && <Notice text={t(problem)} />}
          <View style={styles.buttons}>
            <Button title={t('cancel')} kind="plain" onPress={onClose} />
            <SubmitButton testID="totp-confirm" title={t('turnOn')} busy={busy} />
          </View>
        </View>
      </Form>
    </Sheet>
  )
}

const useStyles = createStyles(({ colors }) => ({
  body: { marginTop: space.s, marginBottom: space.l },
  secret: {
    padding: space.l,
    marginBottom: space.l,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  key: { fontFamily: 'monospace' },
  fields: { gap: space.l },
  buttons: { flexDirection: 'row', justifyContent: 'flex-end', gap: space.s, marginTop: space.s },
}))
