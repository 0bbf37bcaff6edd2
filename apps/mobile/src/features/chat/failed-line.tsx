import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type FailedLineProps = { id: string; onRetry: (id: string) => void; onDiscard: (id: string) => void }

/** Under a message that could not be sent: Try again · Delete. */
export function FailedLine({ id, onRetry, onDiscard }: FailedLineProps) {
  const { t } = useI18n()
  return (
    <View style={styles.line}>
      <Text size="small" color="danger">
        {t('notSent')}
      </Text>
      <Touchable testID={`retry-${id}`} feedback="fade" hitSlop={12} onPress={() => onRetry(id)}>
        <Text size="small" weight="600" color="accent">
          {t('tryAgain')}
        </Text>
      </Touchable>
      <Text size="small" color="muted" aria-hidden>
        ·
      </Text>
      <Touchable testID={`discard-${id}`} feedback="fade" hitSlop={12} onPress={() => onDiscard(id)}>
        <Text size="small" weight="600" color="danger">
          {t('delete')}
        </Text>
      </Touchable>
    </View>
  )
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', justifyContent: 'flex-end', gap: 6, paddingTop: 4 },
})
