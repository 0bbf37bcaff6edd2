import type { PublicUser } from '@finnigram/contracts'
import { ScrollView } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type ChosenPeopleProps = { people: readonly PublicUser[]; onRemove: (person: PublicUser) => void }

/** Those who will be in the group; a press takes one out again. */
export function ChosenPeople({ people, onRemove }: ChosenPeopleProps) {
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
