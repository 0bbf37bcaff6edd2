import type { InvitationView } from '@finnigram/client'
import { memo } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { ListRow } from '../conversations/list-row.tsx'

type InvitationRowProps = {
  invitation: InvitationView
  selected: boolean
  onOpen: (id: string) => void
}

/** A group that waits for my answer, in the list: what it is called, who asks, how many are in it. */
export const InvitationRow = memo(function InvitationRow({
  invitation,
  selected,
  onOpen,
}: InvitationRowProps) {
  const { t } = useI18n()
  const { id, title, participantCount, inviter } = invitation
  const name = inviter?.displayName ?? t('someone')
  return (
    <ListRow
      testID={`invitation-row-${id}`}
      avatar={{ id, name: title }}
      selected={selected}
      onPress={() => onOpen(id)}
      end={<Icon name="forward" size={18} color="muted" />}
    >
      <Text weight="600" numberOfLines={1}>
        {title}
      </Text>
      <Text size="small" color="muted" numberOfLines={1}>
        {t('invitedBy', { name, members: t('members', { count: participantCount }) })}
      </Text>
    </ListRow>
  )
})
