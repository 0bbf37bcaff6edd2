import { useMemo } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'
import { useOpenChat } from '../../navigation/use-open-chat.ts'
import { useConversations, useMe } from '../../providers/use-client-data.ts'
import { space } from '../../theme/scale.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Text } from '../../ui/text.tsx'
import { ConversationItem } from '../conversations/conversation-item.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { useStartDirect } from '../people/use-start-direct.ts'
import { matchesQuery } from './matches-query.ts'
import { usePeopleSearch } from './use-people-search.ts'

type FindResultsProps = { query: string; onDone: () => void }

/** Chats whose name fits what was typed, then people I have no chat with yet. */
export function FindResults({ query, onDone }: FindResultsProps) {
  const { t } = useI18n()
  const me = useMe()
  const now = useMinute()
  const openChat = useOpenChat()
  const startDirect = useStartDirect()
  const conversations = useConversations()
  const search = usePeopleSearch(query)
  const chats = useMemo(
    () =>
      conversations.filter(({ displayTitle, peer }) =>
        matchesQuery(`${displayTitle} ${peer?.username ?? ''}`, query),
      ),
    [conversations, query],
  )
  const people = useMemo(() => {
    const known = new Set(chats.map(({ peer }) => peer?.id))
    return search.people.filter(({ id }) => id !== me.id && !known.has(id))
  }, [chats, search.people, me.id])

  if (chats.length === 0 && people.length === 0) {
    if (search.state !== 'done' || search.query !== query) return <View style={styles.fill} />
    return <EmptyState icon="search" title={t('nothingFound', { query })} body={t('nothingFoundBody')} />
  }
  return (
    <ScrollView style={styles.fill} keyboardShouldPersistTaps="handled">
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
        <PersonRow
          key={person.id}
          person={person}
          onPress={() => {
            onDone()
            void startDirect(person.id).catch(() => undefined)
          }}
        />
      ))}
    </ScrollView>
  )
}

function SectionTitle({ text }: { text: string }) {
  return (
    <Text size="small" weight="600" color="muted" role="heading" aria-level={2} style={styles.section}>
      {text}
    </Text>
  )
}

const styles = StyleSheet.create({
  fill: { flex: 1 },
  section: { paddingHorizontal: space.l, paddingTop: space.m, paddingBottom: space.xs },
})
