import { useNavigation } from '@react-navigation/native'
import { useState } from 'react'
import { View } from 'react-native'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { NewGroup } from './new-group.tsx'
import { PeoplePicker } from './people-picker.tsx'
import { useStartDirect } from './use-start-direct.ts'

/** Starts a direct chat, or leads to a new group. */
export function NewChatScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const navigation = useNavigation<AppNavigation>()
  const { start, problem } = useStartDirect({ replace: true })
  const { columns } = usePane()
  const [query, setQuery] = useState('')
  const [group, setGroup] = useState(false)
  return (
    <View style={[styles.pane, columns > 1 && styles.beside]}>
      {group ? (
        <NewGroup onBack={() => setGroup(false)} />
      ) : (
        <>
          <PaneHeader title={t('newChat')} line={false} onBack={() => navigation.popTo('home')} />
          {problem !== null && (
            <View style={styles.notice}>
              <Notice text={t(problem)} />
            </View>
          )}
          <PeoplePicker query={query} onQuery={setQuery} onPick={({ id }) => start(id)}>
            <Touchable testID="new-group" style={styles.group} onPress={() => setGroup(true)}>
              <View style={styles.disc}>
                <Icon name="people" size={20} color="accent" />
              </View>
              <View>
                <Text weight="600">{t('newGroup')}</Text>
                <Text size="small" color="muted">
                  {t('newGroupHint')}
                </Text>
              </View>
            </Touchable>
          </PeoplePicker>
        </>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  beside: { backgroundColor: colors.surface },
  notice: { paddingHorizontal: space.l, paddingBottom: space.s },
  group: {
    minHeight: 64,
    marginHorizontal: space.s,
    paddingHorizontal: space.s,
    borderRadius: radius.card,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
  },
  disc: {
    width: 44,
    height: 44,
    borderRadius: radius.pill,
    backgroundColor: colors.accentSoft,
    alignItems: 'center',
    justifyContent: 'center',
  },
}))
