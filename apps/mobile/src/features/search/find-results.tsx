import { ScrollView, StyleSheet, View } from 'react-native'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'
import { space } from '../../theme/scale.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SectionTitle } from '../../ui/section-title.tsx'
import { ConversationItem } from '../conversations/conversation-item.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { useStartDirect } from '../people/use-start-direct.ts'
import { useMatches } from './use-matches.ts'

type FindResultsProps = { query: string; onDone: () => void }

/** Chats whose name fits what was typed, then people I have no chat with yet. */
export function FindResults({ query, onDone }: FindResultsProps) {
  const { t } = useI18n()
  const now = useMinute()
  const openChat = useOpenChat()
  const { start, problem: startProblem } = useStartDirect({ onOpened: onDone })
  const { chats, people, none, problem: searchProblem } = useMatches(query)
  const problem = startProblem ?? searchProblem
  if (none) {
    return <EmptyState icon="search" title={t('nothingFound', { query })} body={t('nothingFoundBody')} />
  }
  return (
    <ScrollView style={styles.fill} keyboardShouldPersistTaps="handled">
      {problem !== null && (
        <View style={styles.problem}>
          <Notice text={t(problem)} />
        </View>
      )}
      {chats.length > 0 && <SectionTitle text={t('chats')} />}
      {chats.map((conversation) => (
        <ConversationItem
          key={conversation.id}
          conversation={conversation}
          selected={false}
          now={now}
          onOpen={(id) => {
            onDone()
            openChat(id)
          }}
        />
      ))}
      {people.length > 0 && <SectionTitle text={t('people')} />}
      {people.map((person) => (
        <PersonRow key={person.id} person={person} onPress={({ id }) => start(id)} />
      ))}
    </ScrollView>
  )
}

const styles = StyleSheet.create({ fill: { flex: 1 }, problem: { paddingHorizontal: space.l } })
