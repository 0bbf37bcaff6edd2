import { useNavigation } from '@react-navigation/native'
import { useCallback, useEffect, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useOpenChat, useOpenConversationId } from '../../app-shell/open-chat.ts'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { ConnectionStatus } from '../../providers/client-status.tsx'
import {
  useConnection,
  useConversations,
  useConversationsLoaded,
  useInvitations,
  useMe,
  useUnsent,
} from '../../providers/use-client-data.ts'
import { layout, minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles, useTheme } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { FindResults } from '../search/find-results.tsx'
import { ConversationList } from './conversation-list.tsx'

export function ConversationListScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const navigation = useNavigation<AppNavigation>()
  const openChat = useOpenChat()
  const { columns } = usePane()
  const conversations = useConversations()
  const invitations = useInvitations()
  const unsent = useUnsent()
  const loaded = useConversationsLoaded()
  const openId = useOpenConversationId()
  const [query, setQuery] = useState('')
  const open = useCallback((id: string) => openChat(id), [openChat])
  const startNew = () => navigation.push('new')
  return (
    <View style={[styles.pane, columns > 1 && styles.beside]}>
      <ListHeader onProfile={() => navigation.push('profile')} onNew={startNew} />
      <View style={styles.search}>
        <SearchField
          on={columns > 1 ? 'surface' : 'background'}
          label={t('findChatsAndPeople')}
          value={query}
          onChangeText={setQuery}
        />
      </View>
      {query.trim() !== '' ? (
        <FindResults query={query.trim()} onDone={() => setQuery('')} />
      ) : conversations.length + invitations.length + unsent.length > 0 ? (
        <ConversationList
          conversations={conversations}
          invitations={invitations}
          unsent={unsent}
          selectedId={columns > 1 ? openId : undefined}
          onOpen={open}
        />
      ) : loaded ? (
        <EmptyState icon="chat" title={t('noChatsTitle')} body={t('noChatsBody')}>
          <Button title={t('newChat')} icon="compose" onPress={startNew} />
        </EmptyState>
      ) : (
        <SkeletonRows count={8} />
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  beside: { backgroundColor: colors.surface },
  search: { paddingHorizontal: space.l, paddingBottom: space.s },
}))

type ListHeaderProps = { onProfile: () => void; onNew: () => void }

/** My avatar, the connection state when it is not online, and the new chat button. */
function ListHeader({ onProfile, onNew }: ListHeaderProps) {
  const { t } = useI18n()
  const styles = useListHeaderStyles()
  const me = useMe()
  const { top } = useSafeAreaInsets()
  const { visible } = usePane()
  const connected = useConnection() === 'online'
  return (
    <View style={[styles.header, { paddingTop: top, height: layout.header + top }]}>
      <Touchable
        testID="profile"
        label={t('yourProfile')}
        feedback="fade"
        style={styles.me}
        onPress={onProfile}
      >
        <Avatar id={me.id} name={me.displayName} size={36} />
      </Touchable>
      <View style={styles.middle}>
        {connected || !visible ? (
          <Text size="heading" weight="700" role="heading" aria-level={1}>
            {t('chats')}
          </Text>
        ) : (
          <ConnectionStatus announced />
        )}
      </View>
      <IconButton testID="new-chat" icon="compose" label={t('newChat')} color="accent" onPress={onNew} />
    </View>
  )
}

const useListHeaderStyles = createStyles(() => ({
  header: { flexDirection: 'row', alignItems: 'center', paddingHorizontal: space.m, gap: space.s },
  me: {
    width: minimumTarget,
    height: minimumTarget,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
  },
  middle: { flex: 1, minWidth: 0 },
}))

/** Placeholder rows. Nothing shows for the first 150 ms, so that a fast reply does not flicker. */
function SkeletonRows({ count }: { count: number }) {
  const { colors } = useTheme()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  const fill = { backgroundColor: colors.line }
  return (
    <View aria-hidden>
      {Array.from({ length: count }, (_, row) => (
        <View key={`row-${String(row)}`} style={[styles.row, { opacity: 0.9 - row / (count + 2) }]}>
          <View style={[styles.disc, fill]} />
          <View style={styles.lines}>
            <View style={[styles.line, fill, { width: `${34 + ((row * 17) % 23)}%` }]} />
            <View style={[styles.line, fill, { width: `${58 + ((row * 29) % 34)}%` }]} />
          </View>
        </View>
      ))}
    </View>
  )
}

const styles = StyleSheet.create({
  row: { height: 72, flexDirection: 'row', alignItems: 'center', gap: space.m, paddingHorizontal: space.l },
  disc: { width: 52, height: 52, borderRadius: radius.pill },
  lines: { flex: 1, gap: space.s },
  line: { height: 11, borderRadius: radius.pill },
})
