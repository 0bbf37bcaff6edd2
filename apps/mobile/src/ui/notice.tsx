import { View } from 'react-native'
import { radius, space } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

/** An error about the whole action. */
export function Notice({ text }: { text: string }) {
  const styles = useStyles()
  return (
    <View role="alert" style={styles.box}>
      <Icon name="alert" size={18} color="danger" />
      <Text size="small" color="danger" style={styles.text}>
        {text}
      </Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  box: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    padding: space.m,
    borderRadius: radius.card,
    backgroundColor: colors.dangerSoft,
  },
  text: { flex: 1 },
}))
