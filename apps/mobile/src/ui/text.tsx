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

/** A single line aligns with the app's layout; several lines follow their own direction. */
const oneLine: TextStyle = { textAlign: rightToLeft ? 'right' : 'left' }

/** Text in a size of the scale and a colour of the palette. */
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

/** Title of the rows below. */
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
