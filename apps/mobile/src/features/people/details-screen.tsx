import { type RouteProp, useNavigation, useRoute } from '@react-navigation/native'
import { useEffect, useState } from 'react'
import { ScrollView, View } from 'react-native'
import type { AppNavigation, AppRoutes } from '../../app-shell/routes.ts'
import { usePane } from '../../app-shell/use-pane.ts'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import { useConnection, useConversation } from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { GroupDetails, PersonDetails } from './conversation-details.tsx'

export function DetailsScreen() {
  const { t } = useI18n()
  const styles = useStyles()
  const { params } = useRoute<RouteProp<AppRoutes, 'details'>>()
  const navigation = useNavigation<AppNavigation>()
  const { columns } = usePane()
  const { conversations } = useClient()
  const conversation = useConversation(params.id)
  const [problem, setProblem] = useState<PlainText | null>(null)
  const online = useConnection() === 'online'
  // biome-ignore lint/correctness/useExhaustiveDependencies: loads again once online, even if an earlier request hangs.
  useEffect(() => {
    let isNewest = true
    const say = (next: PlainText | null) => isNewest && setProblem(next)
    conversations.loadParticipants(params.id).then(
      () => say(null),
      (error: unknown) => say(problemMessage(error)),
    )
    return () => {
      isNewest = false
    }
  }, [conversations, params.id, online])
  return (
    <View style={styles.pane}>
      <PaneHeader
        title={t('details')}
        closes={columns === 3}
        onBack={() => navigation.popTo('chat', { id: params.id })}
      />
      {conversation === undefined ? (
        <EmptyState icon="chat" title={t('chatGone')} body={t('chatGoneBody')} />
      ) : (
        <ScrollView contentContainerStyle={styles.content}>
          {conversation.peer === undefined ? (
            <GroupDetails conversation={conversation} problem={problem} />
          ) : (
            <PersonDetails person={conversation.peer} />
          )}
        </ScrollView>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pane: { flex: 1, backgroundColor: colors.background },
  content: { flexGrow: 1, width: '100%', maxWidth: 560, alignSelf: 'center' },
}))
