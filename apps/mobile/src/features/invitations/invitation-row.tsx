import type { InvitationView } from '@finnigram/client'
import { memo } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { layout, radius, space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

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
  const styles = useStyles()
  const { id, title, participantCount, inviter } = invitation
  const name = inviter?.displayName ?? t('someone')
  return (
    <Touchable
      role="link"
      testID={`invitation-row-${id}`}
      aria-current={selected ? 'page' : undefined}
      style={[styles.row, selected && styles.selected]}
      onPress={() => onOpen(id)}
    >
      <Avatar id={id} name={title} on="surface" />
      <View style={styles.lines}>
        <Text weight="600" numberOfLines={1}>
          {title}
        </Text>
        <Text size="small" color="muted" numberOfLines={1}>
          {t('invitedBy', { name, members: t('members', { count: participantCount }) })}
        </Text>
      </View>
      <Icon name="forward" size={18} color="muted" />
    </Touchable>
  )
})

const useStyles = createStyles(({ colors }) => ({
  row: {
    height: layout.conversationRow,
    marginHorizontal: space.s,
    paddingHorizontal: space.s,
    borderRadius: radius.card,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
  },
  selected: { backgroundColor: colors.accentSoft },
  lines: { flex: 1, minWidth: 0, gap: 2 },
}))
