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
  /** Label for screen readers; leave out if the text inside says it. */
  label?: string
  style?: StyleProp<ViewStyle>
  /** Feedback on hover and press; `none` for elements with their own. */
  feedback?: 'overlay' | 'fade' | 'none'
  ref?: Ref<ViewRef>
  children: ReactNode
}

/** Pressable with role, label, hover and press feedback, and visible keyboard focus. */
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
