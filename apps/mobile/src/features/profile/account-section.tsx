import { type ReactNode, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Text } from '../../ui/text.tsx'
import { EmailSheet, EmailStatus, RemoveEmailSheet } from './email-settings.tsx'
import { EndTotpSheet, StartTotpSheet } from './totp-sheets.tsx'

const sheets = {
  email: EmailSheet,
  removeEmail: RemoveEmailSheet,
  startTotp: StartTotpSheet,
  endTotp: EndTotpSheet,
}

/**
 * How the account signs in: email and second factor. Each change asks for the password (step-up).
 */
export function AccountSection() {
  const { t } = useI18n()
  const styles = useStyles()
  const me = useMe()
  const [open, setOpen] = useState<keyof typeof sheets | null>(null)
  const waits = (me.pendingEmail ?? null) !== null
  const OpenSheet = open === null ? undefined : sheets[open]
  return (
    <View style={styles.section}>
      <Text size="small" weight="600" role="heading" aria-level={2}>
        {t('account')}
      </Text>
      <Card label={t('email')} value={me.email ?? t('noEmail')} state={<EmailStatus />}>
        {!waits && <EmailButtons onOpen={setOpen} />}
      </Card>
      <Card label={t('totp')} value={t(me.totpEnabled ? 'on' : 'off')} state={<TotpHint />}>
        <Button
          testID="change-totp"
          title={t(me.totpEnabled ? 'turnOff' : 'turnOn')}
          label={t(me.totpEnabled ? 'totpOffTitle' : 'totpOnTitle')}
          kind="plain"
          onPress={() => setOpen(me.totpEnabled ? 'endTotp' : 'startTotp')}
        />
      </Card>
      {OpenSheet !== undefined && <OpenSheet onClose={() => setOpen(null)} />}
    </View>
  )
}

function EmailButtons({ onOpen }: { onOpen: (sheet: 'email' | 'removeEmail') => void }) {
  const { t } = useI18n()
  const me = useMe()
  return (
    <>
      <Button
        testID="change-email"
        title={t(me.email === null ? 'addEmail' : 'changeEmail')}
        kind="plain"
        onPress={() => onOpen('email')}
      />
      {me.email !== null && (
        <Button
          testID="remove-email"
          title={t('removeEmail')}
          kind="plain"
          onPress={() => onOpen('removeEmail')}
        />
      )}
    </>
  )
}

type CardProps = { label: string; value: string; state: ReactNode; children: ReactNode }

function Card({ label, value, state, children }: CardProps) {
  const styles = useStyles()
  return (
    <View role="group" aria-label={label} style={styles.card}>
      <Text size="small" color="muted">
        {label}
      </Text>
      <Text selectable>{value}</Text>
      {state}
      <View style={styles.actions}>{children}</View>
    </View>
  )
}

function TotpHint() {
  const { t } = useI18n()
  return (
    <Text size="small" color="muted">
      {t('totpHint')}
    </Text>
  )
}

const useStyles = createStyles(({ colors }) => ({
  section: { gap: space.s },
  card: {
    padding: space.l,
    paddingBottom: space.xs,
    gap: space.xs,
    borderRadius: radius.card,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.raised,
  },
  // Aligns a plain button's text with the lines above.
  actions: { flexDirection: 'row', flexWrap: 'wrap', marginStart: -(space.l + 2) },
}))
