import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SubmitButton } from '../../ui/submit-button.tsx'
import { TextField } from '../../ui/text-field.tsx'

/** My name and my words about myself; saved together. */
export function ProfileForm() {
  const { t } = useI18n()
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem } = useTask()
  const [displayName, setDisplayName] = useState(me.displayName)
  const [bio, setBio] = useState(me.bio)
  const changed = displayName.trim() !== me.displayName || bio.trim() !== me.bio
  const nameless = displayName.trim() === ''
  const save = () => {
    if (changed && !nameless) {
      void run(() => session.updateMe({ displayName: displayName.trim(), bio: bio.trim() }))
    }
  }
  return (
    <Form label={t('profile')} onSubmit={save}>
      <View style={styles.fields}>
        <TextField
          testID="profile-name"
          label={t('displayName')}
          value={displayName}
          maxLength={64}
          autoComplete="name"
          error={nameless ? t('needDisplayName') : undefined}
          onChangeText={setDisplayName}
        />
        <TextField
          testID="profile-bio"
          label={t('bio')}
          placeholder={t('bioHint')}
          value={bio}
          maxLength={280}
          multiline
          onChangeText={setBio}
        />
        {problem !== null && <Notice text={t(problem)} />}
        <SubmitButton
          testID="profile-save"
          title={t(changed ? 'save' : 'saved')}
          kind={changed ? 'primary' : 'soft'}
          busy={busy}
          disabled={!changed || nameless}
          wide
        />
      </View>
    </Form>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })
