import { type ReactNode, type Ref, useId, useState } from 'react'
import { StyleSheet, TextInput, type TextInputProps, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { minimumTarget, radius, space, typeScale } from '../theme/scale.ts'
import { createStyles, useTheme } from '../theme/theme-provider.tsx'
import { IconButton } from './button.tsx'
import { useForm } from './form-context.ts'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

export type TextFieldProps = Omit<TextInputProps, 'style' | 'children'> & {
  label: string
  /** Error message, shown below the field. */
  error?: string | undefined
  hint?: string
  /** The last field of its form: Enter submits. */
  last?: boolean
  /** Control at the end of the field. */
  accessory?: ReactNode
  ref?: Ref<TextInput>
}

/** A labelled text input; an error replaces the hint. */
export function TextField({ label, error, hint, last = false, accessory, ...input }: TextFieldProps) {
  const { colors } = useTheme()
  const styles = useStyles()
  const [focused, setFocused] = useState(false)
  const { onEnter } = useForm()
  const id = useId()
  const wrong = error !== undefined
  return (
    <View style={styles.field}>
      <Text nativeID={`${id}-label`} size="small" weight="600">
        {label}
      </Text>
      <View style={[styles.box, focused && styles.focused, wrong && styles.wrong]}>
        <TextInput
          placeholderTextColor={colors.muted}
          submitBehavior="submit"
          returnKeyType={last ? 'go' : 'next'}
          {...input}
          {...(last && onEnter !== undefined ? { onSubmitEditing: onEnter } : {})}
          aria-labelledby={`${id}-label`}
          aria-invalid={wrong}
          aria-describedby={wrong || hint !== undefined ? `${id}-help` : undefined}
          onFocus={(event) => {
            setFocused(true)
            input.onFocus?.(event)
          }}
          onBlur={(event) => {
            setFocused(false)
            input.onBlur?.(event)
          }}
          style={[styles.input, input.multiline === true && styles.multiline]}
        />
        {accessory}
      </View>
      <FieldHelp id={`${id}-help`} error={error} hint={hint} />
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  field: { gap: 6 },
  box: {
    flexDirection: 'row',
    alignItems: 'center',
    minHeight: minimumTarget + 4,
    borderRadius: radius.field,
    borderWidth: 1.5,
    borderColor: colors.line,
    backgroundColor: colors.background,
    paddingEnd: 2,
  },
  focused: { borderColor: colors.accent },
  wrong: { borderColor: colors.danger },
  input: {
    ...typeScale.message,
    lineHeight: undefined,
    flex: 1,
    minWidth: 0,
    alignSelf: 'stretch',
    paddingHorizontal: space.m + 2,
    color: colors.text,
    borderRadius: radius.field,
  },
  multiline: { paddingVertical: space.m, lineHeight: typeScale.message.lineHeight, minHeight: 88 },
}))

type FieldHelpProps = { id: string; error: string | undefined; hint: string | undefined }

/** Error or hint below a field. */
function FieldHelp({ id, error, hint }: FieldHelpProps) {
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

/** A password input that can be shown. */
export function PasswordField(props: Omit<TextFieldProps, 'secureTextEntry' | 'accessory'>) {
  const { t } = useI18n()
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      secureTextEntry={!shown}
      autoCapitalize="none"
      autoCorrect={false}
      accessory={
        <IconButton
          icon={shown ? 'eyeOff' : 'eye'}
          label={t(shown ? 'hidePassword' : 'showPassword')}
          size={20}
          onPress={() => setShown(!shown)}
        />
      }
    />
  )
}
