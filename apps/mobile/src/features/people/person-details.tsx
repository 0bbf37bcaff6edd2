import type { PublicUser } from '@finnigram/contracts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe, usePresence } from '../../providers/use-client-data.ts'
import { DetailsHead } from './conversation-details.tsx'
import { DetailsCard } from './details-card.tsx'
import { usePresenceWords } from './use-presence-words.ts'

/** What anyone may know of a person. */
export function PersonDetails({ person }: { person: PublicUser }) {
  const { t } = useI18n()
  const me = useMe()
  const toMyself = person.id === me.id
  const presence = usePresence(toMyself ? undefined : person.id)
  const words = usePresenceWords(presence)
  const { status } = presence
  return (
    <>
      <DetailsHead
        id={person.id}
        name={toMyself ? t('notesToSelf') : person.displayName}
        subtitle={toMyself ? t('notesStart') : words}
        icon={toMyself ? 'bookmark' : undefined}
        presence={status === 'online' || status === 'away' ? status : undefined}
      />
      {!toMyself && <DetailsCard label={t('username')} text={`@${person.username}`} />}
      {!toMyself && person.bio !== '' && <DetailsCard label={t('about')} text={person.bio} />}
    </>
  )
}
