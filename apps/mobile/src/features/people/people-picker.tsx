import type { PublicUser } from '@finnigram/contracts'
import { type ReactNode, useMemo } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import { usePane } from '../../app-shell/use-pane.ts'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useConversations, useMe } from '../../providers/use-client-data.ts'
import { space } from '../../theme/scale.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { usePeopleSearch } from '../search/use-people-search.ts'
import { PersonRow } from './person-row.tsx'

type PeoplePickerProps = {
  query: string
  onQuery: (query: string) => void
  onPick: (person: PublicUser) => void
  /** Ids of the chosen people, if several can be chosen. */
  chosen?: ReadonlySet<string>
  /** Shown above the people while the query is empty. */
  children?: ReactNode
}

/** Search field with the people it finds. */
export function PeoplePicker({ query, onQuery, onPick, chosen, children }: PeoplePickerProps) {
  const { t } = useI18n()
  const { columns } = usePane()
  const wanted = query.trim()
  const { people, nothingFound, problem } = useSuggestedPeople(wanted)
  return (
    <>
      <View style={styles.search}>
        <SearchField
          on={columns > 1 ? 'surface' : 'background'}
          testID="people-search"
          label={t('findPerson')}
          value={query}
          onChangeText={onQuery}
          autoFocus
        />
      </View>
      {problem !== null && (
        <View style={styles.search}>
          <Notice text={t(problem)} />
        </View>
      )}
      {nothingFound && wanted !== '' ? (
        <EmptyState icon="search" title={t('nothingFound', { query: wanted })} body={t('nothingFoundBody')} />
      ) : (
        <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={styles.list}>
          {wanted === '' && children}
          {people.length === 0 && wanted === '' && (
            <EmptyState icon="people" title={t('findPersonTitle')} body={t('findPersonBody')} />
          )}
          {people.map((person) => (
            <PersonRow
              key={person.id}
              person={person}
              {...(chosen === undefined ? {} : { chosen: chosen.has(person.id) })}
              onPress={onPick}
            />
          ))}
        </ScrollView>
      )}
    </>
  )
}

const styles = StyleSheet.create({
  search: { paddingHorizontal: space.l, paddingBottom: space.s },
  list: { flexGrow: 1, paddingTop: space.xs, paddingBottom: 96 },
})

type Suggestion = { people: readonly PublicUser[]; nothingFound: boolean; problem: PlainText | null }

/** People to choose from: those with whom I have a chat, or the search results. Never me. */
function useSuggestedPeople(query: string): Suggestion {
  const me = useMe()
  const conversations = useConversations()
  const search = usePeopleSearch(query)
  const known = useMemo(
    () => conversations.flatMap(({ peer }) => (peer === undefined || peer.deleted === true ? [] : [peer])),
    [conversations],
  )
  const people = (query === '' ? known : search.people).filter(({ id }) => id !== me.id)
  return {
    people,
    nothingFound: search.state === 'done' && search.query === query && people.length === 0,
    problem: search.problem,
  }
}
