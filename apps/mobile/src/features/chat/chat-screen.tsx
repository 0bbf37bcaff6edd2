import { type RouteProp, useNavigation, useRoute } from '@react-navigation/native'
import { View } from 'react-native'
import type { AppNavigation, AppRoutes } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import {
  useConnection,
  useConversation,
  useConversationsLoaded,
  useInvitation,
} from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Invitation } from '../invitations/invitation.tsx'
import { Chat } from './chat.tsx'

/** The conversation of the route, the invitation to it, or a message that it is gone. */
export function ChatScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const { params } = useRoute<RouteProp<AppRoutes, 'chat'>>()
  const navigation = useNavigation<AppNavigation>()
  const { columns } = usePane()
  const conversation = useConversation(params.id)
  const invitation = useInvitation(params.id)
  const loaded = useConversationsLoaded()
  const connection = useConnection()
  const certain = loaded && (connection === 'online' || connection === 'offline')
  const leave = () => navigation.popTo('home')
  return (
    <View style={styles.pane}>
      {conversation !== undefined ? (
        <Chat key={conversation.id} conversation={conversation} onLeave={leave} />
      ) : invitation !== undefined ? (
        <Invitation
          key={invitation.id}
          invitation={invitation}
          onBack={columns === 1 ? leave : undefined}
          onLeave={leave}
        />
      ) : (
        <>
          <PaneHeader onBack={columns === 1 ? leave : undefined} />
          {certain && (
            <EmptyState icon="chat" title={t('chatGone')} body={t('chatGoneBody')}>
              <Button title={t('chats')} kind="soft" onPress={leave} />
            </EmptyState>
          )}
        </>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({ pane: { flex: 1, backgroundColor: colors.background } }))
