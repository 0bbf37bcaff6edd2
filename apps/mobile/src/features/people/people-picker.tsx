import type { PublicUser } from '@finnigram/contracts'
import type { ReactNode } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { PersonRow } from './person-row.tsx'
import { useSuggestedPeople } from './use-suggested-people.ts'

type PeoplePickerProps = {
  query: string
  onQuery: (query: string) => void
  onPick: (person: PublicUser) => void
  /** Ids of those chosen, where several can be. */
  chosen?: ReadonlySet<string>
  /** Above the people while nothing is being looked for. */
  children?: ReactNode
}

/** Finds people by typing. */
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
