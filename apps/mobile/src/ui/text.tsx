import {
  Text as NativeText,
  type TextProps as NativeTextProps,
  StyleSheet,
  type TextStyle,
} from 'react-native'
import { rightToLeft } from '../i18n/device-locale.ts'
import { space, type TextSize, typeScale } from '../theme/scale.ts'
import type { Palette } from '../theme/theme.ts'
import { useTheme } from '../theme/theme-provider.tsx'

type TextProps = NativeTextProps & {
  size?: TextSize
  color?: keyof Palette
  weight?: '400' | '500' | '600' | '700'
  align?: TextStyle['textAlign']
}

/** A line in any script begins where the app's lines begin; several lines follow their own direction. */
const oneLine: TextStyle = { textAlign: rightToLeft ? 'right' : 'left' }

/** Words on the screen: a size of the scale, a colour of the palette. */
export function Text({ size = 'message', color = 'text', weight, align, style, ...rest }: TextProps) {
  const { colors } = useTheme()
  return (
    <NativeText
      {...rest}
      style={[
        typeScale[size],
        { color: colors[color] },
        rest.numberOfLines === 1 && oneLine,
        weight !== undefined && { fontWeight: weight },
        align !== undefined && { textAlign: align },
        style,
      ]}
    />
  )
}

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
