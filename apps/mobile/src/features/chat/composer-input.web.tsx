import { type KeyboardEvent, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import { layout, typeScale } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import type { ComposerInputProps } from './composer-input.tsx'

const hasKeyboard = () => matchMedia('(any-pointer: fine)').matches

/** The text being written; grows to six lines. Enter sends and Shift+Enter breaks where there is a keyboard. */
export function ComposerInput({ value, label, onChange, onSend, onEscape, ref }: ComposerInputProps) {
  const { colors } = useTheme()
  const box = useRef<HTMLTextAreaElement>(null)
  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus() }))

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows what is written.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    element.style.height = '0'
    element.style.height = `${Math.min(element.scrollHeight, typeScale.message.lineHeight * layout.composerLines + 24)}px`
  }, [value])

  useEffect(() => {
    if (hasKeyboard()) box.current?.focus()
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    // An input method that is still composing uses Enter to accept; 229 is how Safari says so.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && hasKeyboard()) {
      event.preventDefault()
      onSend()
    }
    if (event.key === 'Escape') {
      event.preventDefault()
      onEscape()
    }
  }
  return (
    <textarea
      ref={box}
      className="composer-input"
      data-testid="composer-input"
      rows={1}
      dir="auto"
      value={value}
      aria-label={label}
      placeholder={label}
      maxLength={8000}
      enterKeyHint={hasKeyboard() ? 'send' : 'enter'}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      style={{
        color: colors.text,
        fontSize: typeScale.message.fontSize,
        lineHeight: `${typeScale.message.lineHeight}px`,
      }}
    />
  )
}
