import { newId, type PublicUser } from '@finnigram/contracts'
import { useMemo, useRef, useState } from 'react'
import { ScrollView, StyleSheet, View } from 'react-native'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsMounted, useTask } from '../../providers/use-task.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { GroupTitleForm } from './group-title-form.tsx'
import { PeoplePicker } from './people-picker.tsx'

const problemMessages = { not_found: 'problemSomebodyGone', conflict: 'problemSomebodyGone' } as const

/** Creates a group in two steps: members, then name. */
export function NewGroup({ onBack }: { onBack: () => void }) {
  const { t } = useI18n()
  const [query, setQuery] = useState('')
  const chosen = useChosenPeople()
  const [naming, setNaming] = useState(false)
  const { create, busy, problem, fieldError } = useCreateGroup([...chosen.ids])

  const toggle = (person: PublicUser) => {
    chosen.toggle(person)
    setQuery('')
  }

  if (naming) {
    return (
      <>
        <PaneHeader title={t('newGroup')} line={false} onBack={() => setNaming(false)} />
        <GroupTitleForm
          people={chosen.people}
          busy={busy}
          problem={problem}
          fieldError={fieldError('title')}
          onCreate={create}
        />
      </>
    )
  }
  return (
    <>
      <PaneHeader title={t('choosePeople')} line={false} onBack={onBack} />
      <ChosenPeople people={chosen.people} onRemove={toggle} />
      <PeoplePicker query={query} onQuery={setQuery} onPick={toggle} chosen={chosen.ids} />
      <View style={styles.footer}>
        <Button
          testID="group-next"
          title={t('next')}
          wide
          disabled={chosen.people.length === 0}
          onPress={() => setNaming(true)}
        />
      </View>
    </>
  )
}

/** Creates the group and opens it. */
function useCreateGroup(userIds: string[]) {
  const { conversations } = useClient()
  const openChat = useOpenChat()
  const { run, ...task } = useTask(problemMessages)
  const idFor = useIdempotentId()
  const isMounted = useIsMounted()
  const create = (title: string) =>
    run(async () => {
      const group = { title, userIds }
      const { id } = await conversations.createGroup({ id: idFor(group), ...group })
      if (isMounted()) openChat(id, { replace: true })
    })
  return { create, ...task }
}

/**
 * Idempotency: the same group keeps its id over retries, because an earlier try may have been
 * stored.
 */
function useIdempotentId() {
  const last = useRef({ requested: '', id: '' })
  return (group: object) => {
    const requested = JSON.stringify(group)
    if (requested !== last.current.requested) last.current = { requested, id: newId() }
    return last.current.id
  }
}

const styles = StyleSheet.create({
  footer: { position: 'absolute', bottom: 0, start: 0, end: 0, padding: space.l },
})

type ChosenPeopleProps = { people: readonly PublicUser[]; onRemove: (person: PublicUser) => void }

/** The chosen people; a press removes one. */
function ChosenPeople({ people, onRemove }: ChosenPeopleProps) {
  const { t } = useI18n()
  const styles = useStyles()
  if (people.length === 0) return null
  return (
    <ScrollView
      horizontal
      showsHorizontalScrollIndicator={false}
      style={styles.strip}
      contentContainerStyle={styles.chips}
      keyboardShouldPersistTaps="handled"
      aria-label={t('chosen', { count: people.length })}
    >
      {people.map((person) => (
        <Touchable
          key={person.id}
          label={t('removePerson', { name: person.displayName })}
          style={styles.chip}
          onPress={() => onRemove(person)}
        >
          <Avatar id={person.id} name={person.displayName} size={28} />
          <Text size="small" weight="500" numberOfLines={1} style={styles.name}>
            {person.displayName}
          </Text>
          <Icon name="close" size={14} color="muted" />
        </Touchable>
      ))}
    </ScrollView>
  )
}

const useStyles = createStyles(({ colors }) => ({
  strip: { flexGrow: 0, flexShrink: 0 },
  chips: { paddingHorizontal: space.l, paddingBottom: space.s, gap: space.s },
  chip: {
    height: minimumTarget,
    flexDirection: 'row',
    alignItems: 'center',
    gap: 6,
    paddingStart: space.s,
    paddingEnd: space.m,
    borderRadius: radius.pill,
    backgroundColor: colors.accentSoft,
  },
  name: { maxWidth: 140 },
}))

/** Chosen people in order; choosing somebody again removes them. */
function useChosenPeople() {
  const [people, setPeople] = useState<readonly PublicUser[]>([])
  const ids = useMemo(() => new Set(people.map(({ id }) => id)), [people])
  const toggle = (person: PublicUser) =>
    setPeople((before) => {
      const without = before.filter(({ id }) => id !== person.id)
      return without.length < before.length ? without : [...before, person]
    })
  return { people, ids, toggle }
}
