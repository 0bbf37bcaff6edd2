import { ApiProblem, type StepUpProof } from '@finnigram/client'
import { type ReactNode, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { space } from '../../theme/scale.ts'
import { Button, SubmitButton } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'
import { PasswordField } from '../../ui/text-field.tsx'
import type { AuthErrors, AuthValues } from '../auth/auth-errors.ts'
import { CodeField } from '../auth/auth-fields.tsx'
import { useAuthForm } from '../auth/use-auth-form.ts'

type StepUpSheetProps = {
  title: PlainText
  body: string
  action: PlainText
  danger?: boolean
  form: ReturnType<typeof useStepUpForm>
  /** Fields shown before the password. */
  children?: ReactNode
  onClose: () => void
}

/** Step-up authentication: explains the change, asks for password and code, then makes it. */
export function StepUpSheet({
  title,
  body,
  action,
  danger = false,
  form,
  children,
  onClose,
}: StepUpSheetProps) {
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

type StepUpFormInput = {
  /** Further validation before the server is asked. */
  check?: (values: AuthValues) => AuthErrors
  send: (proof: StepUpProof, values: AuthValues) => Promise<unknown>
}

/** A form for sensitive changes: asks for the password, and for a code if a second factor is on. */
export function useStepUpForm({ check, send }: StepUpFormInput) {
  const { totpEnabled } = useMe()
  // The second factor may have been turned on from another device.
  const [asked, setAsked] = useState(false)
  const needsCode = totpEnabled || asked
  const form = useAuthForm({
    check: (values) => ({
      ...check?.(values),
      ...(values.password === '' ? { password: 'needPassword' as const } : {}),
      ...(needsCode && values.code.trim() === '' ? { code: 'needCode' as const } : {}),
    }),
    send: async (values) => {
      const totp = needsCode ? { totp: values.code.trim() } : {}
      try {
        await send({ password: values.password, ...totp }, values)
      } catch (error) {
        if (!(error instanceof ApiProblem && error.code === 'totp_required')) throw error
        setAsked(true)
      }
    },
  })
  return { ...form, needsCode }
}
