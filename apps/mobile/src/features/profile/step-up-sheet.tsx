import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { SubmitButton } from '../../ui/submit-button.tsx'
import { Text } from '../../ui/text.tsx'
import { CodeField } from '../auth/auth-fields.tsx'
import type { useProofForm } from './use-proof-form.ts'

type ProofSheetProps = {
  title: PlainText
  body: string
  action: PlainText
  danger?: boolean
  form: ReturnType<typeof useProofForm>
  /** Fields that come before the password. */
  children?: ReactNode
  onClose: () => void
}

/** Says what will happen, asks who sits there, and does it. */
export function ProofSheet({
  title,
  body,
  action,
  danger = false,
  form,
  children,
  onClose,
}: ProofSheetProps) {
  const { t } = useI18n()
  const { field, submit, busy, problem, needsCode } = form
  return (
    <Sheet label={t(title)} open onClose={onClose}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {t(title)}
      </Text>
      <Text color="muted" style={styles.body}>
        {body}
      </Text>
      <Form label={t(title)} onSubmit={submit}>
        <View style={styles.fields}>
          {children}
          <PasswordField
            testID="proof-password"
            label={t('yourPassword')}
            autoComplete="current-password"
            autoFocus={children === undefined}
            last={!needsCode}
            {...field('password')}
          />
          {needsCode && <CodeField autoFocus={false} {...field('code')} />}
          {problem !== null && <Notice text={t(problem)} />}
          <View style={styles.buttons}>
            <Button title={t('cancel')} kind="plain" onPress={onClose} />
            <SubmitButton
              testID="proof-submit"
              title={t(action)}
              kind={danger ? 'danger' : 'primary'}
              busy={busy}
            />
          </View>
        </View>
      </Form>
    </Sheet>
  )
}

const styles = StyleSheet.create({
  body: { marginTop: space.s, marginBottom: space.l },
  fields: { gap: space.l },
  buttons: { flexDirection: 'row', justifyContent: 'flex-end', gap: space.s, marginTop: space.s },
})
