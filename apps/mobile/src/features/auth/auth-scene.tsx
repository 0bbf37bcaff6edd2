import { View } from 'react-native'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Logo } from '../../ui/logo.tsx'
import { Text } from '../../ui/text.tsx'
import { Ticks } from '../../ui/ticks.tsx'

const lines = [
  { id: 'aino', name: 'Aino', text: 'Did you see the lake this morning?', mine: false },
  { id: 'me', name: '', text: 'Like glass. I was in before breakfast 🏊', mine: true },
  { id: 'ravi', name: 'Ravi', text: 'You are both mad', mine: false },
  { id: 'me', name: '', text: 'Saturday then, all three?', mine: true },
] as const

/** Decoration: what a chat here looks like. */
export function AuthScene() {
  const { colors } = useTheme()
  const styles = useStyles()
  return (
    <View style={styles.scene} aria-hidden>
      <View style={styles.watermark}>
        <Logo size={560} color={colors.sceneMark} />
      </View>
      <View style={styles.lines}>
        {lines.map((line) => (
          <View key={line.text} style={[styles.row, line.mine && styles.mineRow]}>
            {!line.mine && <Avatar id={line.id} name={line.name} size={36} />}
            <View style={[styles.bubble, line.mine ? styles.mine : styles.other]}>
              <Text size="title" color={line.mine ? 'onOwnBubble' : 'text'}>
                {line.text}
              </Text>
              {line.mine && <Ticks status="read" on="own" />}
            </View>
          </View>
        ))}
      </View>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  scene: {
    flex: 1,
    margin: space.m,
    borderRadius: 28,
    alignItems: 'center',
    justifyContent: 'center',
    backgroundColor: colors.scene,
    padding: space.xxl,
    overflow: 'hidden',
  },
  watermark: { position: 'absolute', bottom: -120, end: -120 },
  lines: { width: '100%', maxWidth: 460, gap: space.l },
  row: { flexDirection: 'row', alignItems: 'flex-end', gap: space.s },
  mineRow: { justifyContent: 'flex-end' },
  bubble: {
    flexDirection: 'row',
    alignItems: 'flex-end',
    gap: space.s,
    paddingHorizontal: 18,
    paddingVertical: 12,
    borderRadius: 24,
    maxWidth: '82%',
  },
  mine: { backgroundColor: colors.ownBubble, borderBottomEndRadius: radius.bubbleGrouped },
  other: {
    backgroundColor: colors.sceneBubble,
    borderBottomStartRadius: radius.bubbleGrouped,
  },
}))
