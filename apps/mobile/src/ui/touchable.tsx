import type { ReactNode, Ref } from 'react'
import {
  Pressable,
  type PressableProps,
  type StyleProp,
  StyleSheet,
  View,
  type View as ViewRef,
  type ViewStyle,
} from 'react-native'
import { useTheme } from '../theme/theme-provider.tsx'

export type TouchableProps = Omit<PressableProps, 'style' | 'children'> & {
  /** What a screen reader says; leave out only when the words inside say it all. */
  label?: string
  style?: StyleProp<ViewStyle>
  /** Colour under the pointer; `none` for things with a fill of their own. */
  feedback?: 'overlay' | 'fade' | 'none'
  ref?: Ref<ViewRef>
  children: ReactNode
}

/** Anything that can be pressed: role, label, feedback under pointer and finger, visible keyboard focus. */
export function Touchable({
  label,
  style,
  feedback = 'overlay',
  role = 'button',
  children,
  ...rest
}: TouchableProps) {
  const { colors } = useTheme()
  return (
    <Pressable
      {...rest}
      role={role}
      {...(label === undefined ? {} : { 'aria-label': label })}
      style={({ pressed, hovered }) => [
        styles.base,
        style,
        feedback === 'fade' && { opacity: pressed ? 0.75 : hovered ? 0.9 : 1 },
        rest.disabled === true && styles.disabled,
      ]}
    >
      {({ pressed, hovered }) => (
        <>
          {feedback === 'overlay' && (pressed || hovered) && (
            <View
              style={[
                StyleSheet.absoluteFill,
                styles.inert,
                { backgroundColor: pressed ? colors.pressed : colors.hover },
              ]}
            />
          )}
          {children}
        </>
      )}
    </Pressable>
  )
}

const styles = StyleSheet.create({
  base: { overflow: 'hidden', userSelect: 'none' },
  inert: { pointerEvents: 'none' },
  disabled: { opacity: 0.5 },
})
