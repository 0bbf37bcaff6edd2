import { View } from 'react-native'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'

/** A fact about a person or group under its name. */
export function DetailsCard({ label, text }: { label: string; text: string }) {
  const styles = useStyles()
  return (
    <View style={styles.card}>
      <Text size="small" color="muted">
        {label}
      </Text>
      <Text selectable>{text}</Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  card: {
    marginHorizontal: space.l,
    marginBottom: space.s,
    padding: space.l,
    gap: 2,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
}))
