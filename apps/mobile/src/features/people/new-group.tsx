import { newId, type PublicUser } from '@finnigram/contracts'
import { useRef, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useOpenChat } from '../../app-shell/open-chat.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useIsThere } from '../../providers/use-is-there.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { ChosenPeople } from './chosen-people.tsx'
import { GroupTitleForm } from './group-title-form.tsx'
import { PeoplePicker } from './people-picker.tsx'
import { useChosenPeople } from './use-chosen-people.ts'

const words = { not_found: 'problemSomebodyGone', conflict: 'problemSomebodyGone' } as const

/** Two steps to a group: who is in it, then what it is called. */
export function NewGroup({ onBack }: { onBack: () => void }) {
  const { t } = useI18n()
  const [query, setQuery] = useState('')
  const chosen = useChosenPeople()
  const [naming, setNaming] = useState(false)
  const { create, busy, problem, said } = useCreateGroup([...chosen.ids])

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
          said={said('title')}
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
      <View style={styles.foot}>
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

/** Makes the group and opens it; what went wrong is told in words. */
function useCreateGroup(userIds: string[]) {
  const { conversations } = useClient()
  const openChat = useOpenChat()
  const { run, ...task } = useTask(words)
  const idFor = useIdFor()
  const isThere = useIsThere()
  const create = (title: string) =>
    run(async () => {
      const group = { title, userIds }
      const { id } = await conversations.createGroup({ id: idFor(group), ...group })
      if (isThere()) openChat(id, { replace: true })
    })
  return { create, ...task }
}

/**
 * The id of a group to be made: the same for every try of the same group, one of which may have
 * been taken.
 */
function useIdFor() {
  const last = useRef({ wanted: '', id: '' })
  return (group: object) => {
    const wanted = JSON.stringify(group)
    if (wanted !== last.current.wanted) last.current = { wanted, id: newId() }
    return last.current.id
  }
}

const styles = StyleSheet.create({
  foot: { position: 'absolute', bottom: 0, start: 0, end: 0, padding: space.l },
})
