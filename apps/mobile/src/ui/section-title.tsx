import { StyleSheet } from 'react-native'
import { space } from '../theme/scale.ts'
import { Text } from './text.tsx'

/** Names the rows that follow. */
export function SectionTitle({ text }: { text: string }) {
  return (
    <Text size="small" weight="600" color="muted" role="heading" aria-level={2} style={styles.section}>
      {text}
    </Text>
  )
}

const styles = StyleSheet.create({
  section: { paddingHorizontal: space.l, paddingTop: space.m, paddingBottom: space.xs },
})
