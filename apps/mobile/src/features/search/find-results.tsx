import type { ConversationView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'
import { useMemo, useState } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n, useMinute } from '../../i18n/i18n-provider.tsx'
import { useConversations, useMe } from '../../providers/use-client-data.ts'
import { space } from '../../theme/scale.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { SectionTitle } from '../../ui/text.tsx'
import { ConversationItem } from '../conversations/conversation-row.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { useStartDirect } from '../people/use-start-direct.ts'
import { matchesQuery } from './matches-query.ts'
import { usePeopleSearch } from './use-people-search.ts'

type FindResultsProps = { query: string; onDone: () => void }

/** Matching chats, then people without a chat. */
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

type Matches = {
  chats: readonly ConversationView[]
  /** People without a chat with me. */
  people: readonly PublicUser[]
  /** Nothing matches, and the server has answered. */
  none: boolean
  /** Why the people search failed. */
  problem: PlainText | null
}

/** Chats and people that match the query; the newest chats for an empty one. */
function useMatches(query: string): Matches {
  const me = useMe()
  const conversations = useConversations()
  const search = usePeopleSearch(query)
  const chats = useMemo(() => {
    const named = ({ displayTitle, peer }: ConversationView) =>
      matchesQuery(`${displayTitle} ${peer?.username ?? ''}`, query)
    return conversations.filter(named).slice(0, chatsShown)
  }, [conversations, query])
  const people = useMemo(() => {
    const known = new Set(chats.map(({ peer }) => peer?.id))
    return search.people.filter(({ id }) => id !== me.id && !known.has(id))
  }, [chats, search.people, me.id])
  const asked = search.state === 'done' && search.query === query
  const none = asked && chats.length === 0 && people.length === 0
  return { chats, people, none, problem: search.problem }
}

const chatsShown = 30

/** Quick switcher (Ctrl+K): finds a chat or a person. */
export function FindSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useI18n()
  const [query, setQuery] = useState('')
  const close = () => {
    setQuery('')
    onClose()
  }
  return (
    <Sheet label={t('keyFind')} open={open} onClose={close}>
      <SearchField
        testID="find"
        label={t('findChatsAndPeople')}
        value={query}
        onChangeText={setQuery}
        autoFocus
      />
      <View style={findSheetStyles.results}>
        <FindResults query={query.trim()} onDone={close} />
      </View>
    </Sheet>
  )
}

const findSheetStyles = StyleSheet.create({
  results: { height: 360, marginHorizontal: -space.l, marginTop: space.s },
})
