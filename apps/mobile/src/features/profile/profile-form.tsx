import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { EmailField } from '../auth/email-field.tsx'

type ProfileFormProps = {
  displayName: string
  bio: string
  email: string
  password: string
  emailError: PlainText | undefined
  /** The password is asked for again before the address may change. */
  needsPassword: boolean
  /** What is known of the address that is stored. */
  emailState: ReactNode
  problem: PlainText | null
  onChange: (change: { displayName?: string; bio?: string; email?: string; password?: string }) => void
  onSave: () => void
}

/** My name and my words about myself. */
export function ProfileForm({ displayName, bio, problem, onChange, onSave, ...account }: ProfileFormProps) {
  const { t } = useI18n()
  return (
    <Form label={t('profile')} onSubmit={onSave}>
      <View style={styles.fields}>
        <TextField
          testID="profile-name"
          label={t('displayName')}
          value={displayName}
          maxLength={64}
          autoComplete="name"
          last
          error={displayName.trim() === '' ? t('needDisplayName') : undefined}
          onChangeText={(text) => onChange({ displayName: text })}
        />
        <TextField
          testID="profile-bio"
          label={t('bio')}
          placeholder={t('bioHint')}
          value={bio}
          maxLength={280}
          multiline
          onChangeText={(text) => onChange({ bio: text })}
        />
        <AddressFields {...account} onChange={onChange} />
        {problem !== null && <Notice text={t(problem)} />}
      </View>
    </Form>
  )
}

type AddressFieldsProps = Pick<
  ProfileFormProps,
  'email' | 'password' | 'emailError' | 'needsPassword' | 'emailState' | 'onChange'
>

function AddressFields({ email, password, emailError, onChange, ...account }: AddressFieldsProps) {
  const { t } = useI18n()
  return (
    <>
      <View style={styles.address}>
        <EmailField
          testID="profile-email"
          label={t('email')}
          hint={t('emailHint')}
          value={email}
          error={emailError === undefined ? undefined : t(emailError)}
          onChangeText={(text) => onChange({ email: text })}
        />
        {account.emailState}
      </View>
      {account.needsPassword && (
        <PasswordField
          testID="profile-password"
          label={t('password')}
          hint={t('passwordForEmail')}
          autoComplete="current-password"
          autoFocus
          last
          value={password}
          onChangeText={(text) => onChange({ password: text })}
        />
      )}
    </>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l }, address: { gap: space.xs } })
