import type { TotpSecret } from '@finnigram/client'
import { useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Button, SubmitButton } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'
import { CodeField } from '../auth/auth-fields.tsx'
import { useAuthForm } from '../auth/use-auth-form.ts'
import { StepUpSheet, useStepUpForm } from './step-up-sheet.tsx'

type SheetProps = { onClose: () => void }

/** Turns the second factor on: password, then secret and first code, then recovery codes. */
export function StartTotpSheet({ onClose }: SheetProps) {
  const { t } = useI18n()
  const { session } = useClient()
  const [secret, setSecret] = useState<TotpSecret>()
  const [codes, setCodes] = useState<string[]>()
  const form = useStepUpForm({
    send: async ({ password }) => setSecret(await session.startTotp(password)),
  })
  if (codes !== undefined) return <RecoveryCodesSheet codes={codes} onClose={onClose} />
  if (secret !== undefined) return <TotpSecretSheet {...secret} onConfirmed={setCodes} onClose={onClose} />
  return (
    <StepUpSheet title="totpOnTitle" body={t('totpOnBody')} action="next" form={form} onClose={onClose} />
  )
}

/** Turns the second factor off. */
export function EndTotpSheet({ onClose }: SheetProps) {
  const { t } = useI18n()
  const { session } = useClient()
  const form = useStepUpForm({ send: (proof) => session.endTotp(proof).then(onClose) })
  return (
    <StepUpSheet
      title="totpOffTitle"
      body={t('totpOffBody')}
      action="turnOff"
      danger
      form={form}
      onClose={onClose}
    />
  )
}

type TotpSecretSheetProps = TotpSecret & { onConfirmed: (codes: string[]) => void; onClose: () => void }

/** Shows the secret for the authenticator app and asks for a first code. */
function TotpSecretSheet({ secret, onConfirmed, onClose }: TotpSecretSheetProps) {
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

/**
 * The recovery codes, shown once. Only its button closes it, so that a press outside loses nothing.
 */
function RecoveryCodesSheet({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useI18n()
  const styles = useRecoveryCodesSheetStyles()
  return (
    <Sheet label={t('recoveryTitle')} open onClose={() => undefined}>
      <Text size="title" weight="600" role="heading" aria-level={2}>
        {t('recoveryTitle')}
      </Text>
      <Text color="muted" style={styles.body}>
        {t('recoveryBody')}
      </Text>
      <View role="list" style={styles.codes}>
        {codes.map((code) => (
          <Text key={code} testID="recovery-code" role="listitem" size="small" selectable style={styles.code}>
            {code}
          </Text>
        ))}
      </View>
      <Button testID="recovery-done" title={t('recoveryDone')} wide onPress={onClose} />
    </Sheet>
  )
}

const useRecoveryCodesSheetStyles = createStyles(({ colors }) => ({
  body: { marginTop: space.s, marginBottom: space.l },
  codes: {
    padding: space.l,
    marginBottom: space.l,
    gap: space.xs,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  code: { fontFamily: 'monospace', textAlign: 'center' },
}))
