import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { failedWords } from './failed-words.ts'

type Failed = Parameters<typeof failedWords>[0]
type FailedLineProps = {
  message: Failed
  onRetry: (id: string) => void
  /** Takes the text back into the composer. */
  onEdit: (message: Failed) => void
  onDiscard: (id: string) => void
}

/** Under a message that was refused: why, and what can be done. */
export function FailedLine({ message, onRetry, onEdit, onDiscard }: FailedLineProps) {
  const { t } = useI18n()
  const { id } = message
  const { words, remedy } = failedWords(message)
  return (
    <View style={styles.line}>
      <Text size="small" color="danger" align="right" style={styles.words} testID={`failed-${id}`}>
        {t(words)}
      </Text>
      <View style={styles.actions}>
        {remedy === 'retry' && (
          <Touchable testID={`retry-${id}`} feedback="fade" hitSlop={12} onPress={() => onRetry(id)}>
            <Text size="small" weight="600" color="accent">
              {t('tryAgain')}
            </Text>
          </Touchable>
        )}
        {remedy === 'edit' && (
          <Touchable testID={`edit-${id}`} feedback="fade" hitSlop={12} onPress={() => onEdit(message)}>
            <Text size="small" weight="600" color="accent">
              {t('edit')}
            </Text>
          </Touchable>
        )}
        {remedy !== 'none' && (
          <Text size="small" color="muted" aria-hidden>
            ·
          </Text>
        )}
        <Touchable testID={`discard-${id}`} feedback="fade" hitSlop={12} onPress={() => onDiscard(id)}>
          <Text size="small" weight="600" color="danger">
            {t('delete')}
          </Text>
        </Touchable>
      </View>
    </View>
  )
}

const styles = StyleSheet.create({
  line: {
    flexDirection: 'row',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'flex-end',
    columnGap: 6,
    paddingTop: 4,
  },
  words: { flexShrink: 1 },
  actions: { flexDirection: 'row', gap: 6 },
})
