import type { PublicUser } from '@finnigram/contracts'
import { useState } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { SubmitButton } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Text } from '../../ui/text.tsx'
import { TextField } from '../../ui/text-field.tsx'

type GroupTitleFormProps = {
  people: readonly PublicUser[]
  busy: boolean
  problem: PlainText | null
  /** The server's error about the title. */
  fieldError: string | undefined
  onCreate: (title: string) => void
}

/** The name of a new group, below the avatars of its members. */
export function GroupTitleForm({ people, busy, problem, fieldError, onCreate }: GroupTitleFormProps) {
  const { t } = useI18n()
  const [title, setTitle] = useState('')
  const [missing, setMissing] = useState(false)
  const submit = () => {
    setMissing(title.trim() === '')
    if (title.trim() !== '') onCreate(title.trim())
  }
  return (
    <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={styles.page}>
      <View style={styles.avatars} aria-hidden>
        {people.slice(0, 7).map((person, index) => (
          <View key={person.id} style={index > 0 && styles.overlapping}>
            <Avatar id={person.id} name={person.displayName} size={48} />
          </View>
        ))}
      </View>
      <Text color="muted" align="center">
        {people.map(({ displayName }) => displayName).join(', ')}
      </Text>
      <Form label={t('newGroup')} onSubmit={submit}>
        <View style={styles.fields}>
          <TextField
            testID="group-title"
            label={t('groupTitle')}
            placeholder={t('groupTitleHint')}
            value={title}
            maxLength={100}
            autoFocus
            last
            error={missing ? t('needGroupTitle') : fieldError}
            onChangeText={(text) => {
              setTitle(text)
              setMissing(false)
            }}
          />
          {problem !== null && <Notice text={t(problem)} />}
          <SubmitButton testID="group-create" title={t('createGroup')} busy={busy} wide />
        </View>
      </Form>
    </ScrollView>
  )
}

const styles = StyleSheet.create({
  page: { padding: space.l, gap: space.m },
  avatars: { flexDirection: 'row', justifyContent: 'center' },
  overlapping: { marginStart: -space.m },
  fields: { gap: space.l, marginTop: space.m },
})
