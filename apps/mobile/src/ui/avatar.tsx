import { Text as NativeText, StyleSheet, View } from 'react-native'
import { radius } from '../theme/scale.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import { Icon, type IconName } from './icon.tsx'

export type AvatarProps = {
  /** Id of the user or conversation; decides the hue. */
  id: string
  name: string
  size?: number
  presence?: 'online' | 'away' | undefined
  /** Shown instead of the letter. */
  icon?: IconName
  /** Background colour around the presence dot. */
  on?: 'background' | 'surface'
}

/** The first letter of a name on its hue. Decorative: the name is beside it. */
export function Avatar({ id, name, size = 52, presence, icon, on = 'background' }: AvatarProps) {
  const { colors, hueOf, tintOf } = useTheme()
  const hue = hueOf(id)
  const dot = Math.min(18, Math.max(10, Math.round(size * 0.27)))
  return (
    <View style={{ width: size, height: size }} aria-hidden>
      <View style={[styles.disc, { backgroundColor: tintOf(id) }]}>
        {icon === undefined ? (
          <NativeText allowFontScaling={false} style={[styles.letter, { color: hue, fontSize: size * 0.42 }]}>
            {firstLetter(name)}
          </NativeText>
        ) : (
          <Icon name={icon} size={size * 0.46} color="accent" />
        )}
      </View>
      {presence !== undefined && (
        <View
          style={[
            styles.dot,
            {
              width: dot,
              height: dot,
              borderColor: colors[on],
              backgroundColor: presence === 'online' ? colors.online : colors.away,
            },
          ]}
        />
      )}
    </View>
  )
}

/** Hermes lacks it; there the first code point is used. */
const graphemes = Intl.Segmenter === undefined ? undefined : new Intl.Segmenter()

/** The first grapheme of a name, in upper case. */
function firstLetter(name: string): string {
  const [first = '?'] = name.trim()
  const whole = graphemes?.segment(name.trim()).containing(0)?.segment ?? first
  return whole.toLocaleUpperCase()
}

const styles = StyleSheet.create({
  disc: { flex: 1, borderRadius: radius.pill, alignItems: 'center', justifyContent: 'center' },
  letter: { fontWeight: '600', userSelect: 'none' },
  dot: { position: 'absolute', bottom: 0, end: 0, borderRadius: radius.pill, borderWidth: 2 },
})
