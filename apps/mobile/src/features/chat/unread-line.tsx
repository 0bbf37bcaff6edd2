import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { space } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'

/** Stands once, before the first message that was unread when the chat was opened. */
export function UnreadLine() {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.row}>
      <View style={styles.line} />
      <Text size="caption" weight="600" color="accent">
        {t('newMessages')}
      </Text>
      <View style={styles.line} />
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: space.m },
  line: { flex: 1, height: 1, backgroundColor: colors.accent, opacity: 0.35 },
}))
