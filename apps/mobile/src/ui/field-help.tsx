import { StyleSheet, View } from 'react-native'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

type FieldHelpProps = { id: string; error: string | undefined; hint: string | undefined }

/** Under a field: what is wrong with it, else what it is for. */
export function FieldHelp({ id, error, hint }: FieldHelpProps) {
  const wrong = error !== undefined
  if (!wrong && hint === undefined) return null
  return (
    <View style={styles.line}>
      {wrong && <Icon name="alert" size={14} color="danger" />}
      <Text
        nativeID={id}
        size="small"
        color={wrong ? 'danger' : 'muted'}
        role={wrong ? 'alert' : undefined}
        style={styles.words}
      >
        {error ?? hint}
      </Text>
    </View>
  )
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: 5, minHeight: 18 },
  words: { flex: 1 },
})
