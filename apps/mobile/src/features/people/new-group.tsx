import type { PublicUser } from '@finnigram/contracts'
import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useOpenChat } from '../../navigation/use-open-chat.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { PaneHeader } from '../../ui/pane-header.tsx'
import { ChosenPeople } from './chosen-people.tsx'
import { GroupTitleForm } from './group-title-form.tsx'
import { PeoplePicker } from './people-picker.tsx'

/** Two steps to a group: who is in it, then what it is called. */
export function NewGroup({ onBack }: { onBack: () => void }) {
  const { t } = useI18n()
  const { conversations } = useClient()
  const openChat = useOpenChat()
  const { run, busy, problem } = useTask()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<readonly PublicUser[]>([])
  const [naming, setNaming] = useState(false)

  const toggle = (person: PublicUser) => {
    setChosen((before) => {
      const without = before.filter(({ id }) => id !== person.id)
      return without.length < before.length ? without : [...before, person]
    })
    setQuery('')
  }
  const create = (title: string) =>
    run(async () => {
      const { id } = await conversations.createGroup({ title, userIds: chosen.map((person) => person.id) })
      openChat(id, { replace: true })
    })

  if (naming) {
    return (
      <>
        <PaneHeader title={t('newGroup')} line={false} onBack={() => setNaming(false)} />
        <GroupTitleForm people={chosen} busy={busy} problem={problem} onCreate={create} />
      </>
    )
  }
  return (
    <>
      <PaneHeader title={t('choosePeople')} line={false} onBack={onBack} />
      <ChosenPeople people={chosen} onRemove={toggle} />
      <PeoplePicker
        query={query}
        onQuery={setQuery}
        onPick={toggle}
        chosen={new Set(chosen.map(({ id }) => id))}
      />
      <View style={styles.foot}>
        <Button
          testID="group-next"
          title={t('next')}
          wide
          disabled={chosen.length === 0}
          onPress={() => setNaming(true)}
        />
      </View>
    </>
  )
}

const styles = StyleSheet.create({
  foot: { position: 'absolute', bottom: 0, start: 0, end: 0, padding: space.l },
})
