import { useTheme } from '../../theme/theme-provider.tsx'

/** Three dots that breathe one after the other; `shell.css` stills them when less motion is asked for. */
export function TypingDots() {
  const { colors } = useTheme()
  return (
    <span className="typing-dots" aria-hidden="true" style={{ color: colors.accent }}>
      <i />
      <i />
      <i />
    </span>
  )
}
