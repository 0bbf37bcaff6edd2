import { useNavigation } from '@react-navigation/native'
import { useState } from 'react'
import { ScrollView, View } from 'react-native'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { StorageWords } from '../../providers/storage-words.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/create-styles.ts'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { AccountSection } from './account-section.tsx'
import { DeleteAccount } from './delete-account.tsx'
import { GroupChoice } from './group-choice.tsx'
import { LogOutSheet } from './log-out-and-delete.tsx'
import { ThemeChoice } from './preference-choices.tsx'
import { ProfileForm } from './profile-form.tsx'
import { useProfileDraft } from './use-profile-draft.ts'

export function ProfileScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const navigation = useNavigation<AppNavigation>()
  const { columns } = usePane()
  const { draft, change, changed, save, busy, problem, said } = useProfileDraft()
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
        <Head />
        <ProfileForm {...draft} problem={problem} said={said} onChange={change} onSave={save} />
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

function Head() {
  const styles = useStyles()
  const me = useMe()
  return (
    <>
      <View style={styles.head}>
        <Avatar id={me.id} name={me.displayName} size={96} />
        <Text color="muted">@{me.username}</Text>
      </View>
      <StorageWords />
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
