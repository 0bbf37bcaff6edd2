import type { PublicUser } from '@finnigram/contracts'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type PersonRowProps = {
  person: PublicUser
  presence?: 'online' | 'away' | undefined
  /** A note at the end, such as the person's role. */
  note?: string | undefined
  /** Set if several people can be chosen. */
  chosen?: boolean
  onPress: (person: PublicUser) => void
}

/** A person in a list, with a checkbox if several can be chosen. */
export function PersonRow({ person, presence, note, chosen, onPress }: PersonRowProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const choosing = chosen !== undefined
  return (
    <Touchable
      testID={`person-${person.username}`}
      role={choosing ? 'checkbox' : 'button'}
      aria-checked={chosen}
      style={styles.row}
      onPress={() => onPress(person)}
    >
      <Avatar id={person.id} name={person.displayName} size={44} presence={presence} />
      <View style={styles.names}>
        <Text weight="600" numberOfLines={1}>
          {person.deleted === true ? t('deletedAccount') : person.displayName}
        </Text>
        <Text size="small" color="muted" numberOfLines={1}>
          @{person.username}
        </Text>
      </View>
      {note !== undefined && (
        <Text size="small" color="muted">
          {note}
        </Text>
      )}
      {choosing && (
        <View style={[styles.box, chosen && styles.checked]}>
          {chosen && <Icon name="check" size={14} color="onAccent" stroke={3} />}
        </View>
      )}
    </Touchable>
  )
}

const useStyles = createStyles(({ colors }) => ({
  row: {
    minHeight: 64,
    marginHorizontal: space.s,
    paddingHorizontal: space.s,
    borderRadius: radius.card,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
  },
  names: { flex: 1, minWidth: 0 },
  box: {
    width: 24,
    height: 24,
    borderRadius: radius.pill,
    borderWidth: 2,
    borderColor: colors.line,
    alignItems: 'center',
    justifyContent: 'center',
  },
  checked: { backgroundColor: colors.accent, borderColor: colors.accent },
}))
