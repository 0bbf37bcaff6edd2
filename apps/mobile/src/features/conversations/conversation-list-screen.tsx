import { useNavigation } from '@react-navigation/native'
import { useCallback, useState } from 'react'
import { View } from 'react-native'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import type { AppNavigation } from '../../app-shell/routes.ts'
import { useOpenConversationId } from '../../app-shell/use-open-conversation-id.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import {
  useConversations,
  useConversationsLoaded,
  useInvitations,
  useUnsent,
} from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/create-styles.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { FindResults } from '../search/find-results.tsx'
import { ConversationList } from './conversation-list.tsx'
import { ListHeader } from './list-header.tsx'

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
