import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'

/** The day of what follows. */
export function DayChip({ day, floating = false }: { day: number; floating?: boolean }) {
  const { time } = useI18n()
  const now = useMinute()
  const styles = useStyles()
  return (
    <View style={[styles.chip, floating && styles.floating]}>
      <Text
        size="caption"
        weight="600"
        color="muted"
        {...(floating ? {} : { testID: 'day-chip', role: 'heading' as const, 'aria-level': 2 })}
      >
        {time.day(day, now)}
      </Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  chip: {
    alignSelf: 'center',
    paddingHorizontal: space.m,
    paddingVertical: 5,
    borderRadius: radius.pill,
    backgroundColor: colors.surface,
  },
  floating: { backgroundColor: colors.raised, boxShadow: `0 1px 6px ${colors.shadow}` },
}))
