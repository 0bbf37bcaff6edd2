import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

type ProfileFormProps = {
  displayName: string
  bio: string
  problem: PlainText | null
  /** What the server says of a field. */
  said: (field: 'displayName' | 'bio') => string | undefined
  onChange: (change: { displayName?: string; bio?: string }) => void
  onSave: () => void
}

/** My name and my words about myself. */
export function ProfileForm({ displayName, bio, problem, said, onChange, onSave }: ProfileFormProps) {
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
          error={displayName.trim() === '' ? t('needDisplayName') : said('displayName')}
          onChangeText={(text) => onChange({ displayName: text })}
        />
        <TextField
          testID="profile-bio"
          label={t('bio')}
          placeholder={t('bioHint')}
          value={bio}
          maxLength={280}
          error={said('bio')}
          multiline
          onChangeText={(text) => onChange({ bio: text })}
        />
        {problem !== null && <Notice text={t(problem)} />}
      </View>
    </Form>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
