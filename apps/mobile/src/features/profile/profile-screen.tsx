import { useNavigation } from '@react-navigation/native'
import { useState } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { StorageNotice } from '../../providers/client-status.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { AccountSection } from './account-section.tsx'
import { DeleteAccount, LogOutSheet } from './log-out-and-delete.tsx'
import { GroupChoice, ThemeChoice } from './preference-choices.tsx'

export function ProfileScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const navigation = useNavigation<AppNavigation>()
  const { columns } = usePane()
  const { draft, change, changed, save, busy, problem, fieldError } = useProfileDraft()
  const [leaving, setLeaving] = useState(false)
  return (
    <View style={[styles.pane, columns > 1 && styles.beside]}>
      <PaneHeader
        title={t('profile')}
        line={false}
        onBack={() => navigation.popTo('home')}
        actions={
          changed && (
            <Button testID="profile-save" title={t('save')} kind="plain" busy={busy} onPress={save} />
          )
        }
      />
      <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={styles.page}>
        <ProfileHead />
        <ProfileForm {...draft} problem={problem} fieldError={fieldError} onChange={change} onSave={save} />
        <AccountSection />
        <View style={styles.section}>
          <Text size="small" weight="600" role="heading" aria-level={2}>
            {t('appearance')}
          </Text>
          <ThemeChoice />
        </View>
        <GroupChoice />
        <View style={styles.section}>
          <Button
            testID="log-out"
            title={t('logOut')}
            icon="logOut"
            kind="danger"
            wide
            onPress={() => setLeaving(true)}
          />
          <DeleteAccount />
        </View>
      </ScrollView>
      <LogOutSheet open={leaving} onClose={() => setLeaving(false)} />
    </View>
  )
}

function ProfileHead() {
  const styles = useStyles()
  const me = useMe()
  return (
    <>
      <View style={styles.head}>
        <Avatar id={me.id} name={me.displayName} size={96} />
        <Text color="muted">@{me.username}</Text>
      </View>
      <StorageNotice />
    </>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  beside: { backgroundColor: colors.surface },
  page: { padding: space.l, gap: space.xl, width: '100%', maxWidth: 480, alignSelf: 'center' },
  head: { alignItems: 'center', gap: space.s },
  section: { gap: space.s },
}))

type ProfileFormProps = {
  displayName: string
  bio: string
  problem: PlainText | null
  /** The server's error about a field. */
  fieldError: (field: 'displayName' | 'bio') => string | undefined
  onChange: (change: { displayName?: string; bio?: string }) => void
  onSave: () => void
}

/** Display name and bio. */
function ProfileForm({ displayName, bio, problem, fieldError, onChange, onSave }: ProfileFormProps) {
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
          error={displayName.trim() === '' ? t('needDisplayName') : fieldError('displayName')}
          onChangeText={(text) => onChange({ displayName: text })}
        />
        <TextField
          testID="profile-bio"
          label={t('bio')}
          placeholder={t('bioHint')}
          value={bio}
          maxLength={280}
          error={fieldError('bio')}
          multiline
          onChangeText={(text) => onChange({ bio: text })}
        />
        {problem !== null && <Notice text={t(problem)} />}
      </View>
    </Form>
  )
}

const styles = StyleSheet.create({ fields: { gap: space.l } })

/** The edited profile and how to save it. */
function useProfileDraft() {
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem, fieldError } = useTask()
  const [draft, setDraft] = useState({ displayName: me.displayName, bio: me.bio })
  const displayName = draft.displayName.trim()
  const bio = draft.bio.trim()
  const changed = displayName !== me.displayName || bio !== me.bio
  return {
    draft,
    busy,
    problem,
    fieldError,
    changed,
    change: (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part })),
    save: () => {
      if (changed && displayName !== '') void run(() => session.updateMe({ displayName, bio }))
    },
  }
}
