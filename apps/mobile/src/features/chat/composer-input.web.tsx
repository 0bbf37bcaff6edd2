import { type KeyboardEvent, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import { layout, typeScale } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { matchesMedia } from '../../ui/media-query.web.ts'
import type { ComposerInputProps } from './composer-input.tsx'

const hasKeyboard = matchesMedia('(any-pointer: fine)')
const { fontSize, lineHeight } = typeScale.message
const tallest = lineHeight * layout.composerLines + 24

/**
 * Text input of the composer; grows to six lines. With a keyboard, Enter sends and Shift+Enter
 * breaks the line.
 */
export function ComposerInput(props: ComposerInputProps) {
  const { value, label, onChange, ref } = props
  const { colors } = useTheme()
  const box = useRef<HTMLTextAreaElement>(null)
  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus() }))
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows what is written.
  useLayoutEffect(() => fit(box.current), [value])
  useEffect(() => {
    if (hasKeyboard) box.current?.focus()
  }, [])
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
      enterKeyHint={hasKeyboard ? 'send' : 'enter'}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => act(event, props)}
      style={{ color: colors.text, fontSize, lineHeight: `${lineHeight}px` }}
    />
  )
}

function fit(box: HTMLTextAreaElement | null): void {
  if (box === null) return
  box.style.height = '0'
  box.style.height = `${Math.min(box.scrollHeight, tallest)}px`
}

function act(event: KeyboardEvent, { onSend, onEscape }: ComposerInputProps): void {
  // An input method (IME) uses Enter to accept; Safari then reports key code 229.
  if (event.nativeEvent.isComposing || event.keyCode === 229) return
  const sends = event.key === 'Enter' && !event.shiftKey && hasKeyboard
  if (sends || event.key === 'Escape') event.preventDefault()
  if (sends) onSend()
  if (event.key === 'Escape') onEscape()
}
