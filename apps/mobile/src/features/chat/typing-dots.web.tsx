import { useTheme } from '../../theme/theme-provider.tsx'

/** Three dots that fade in turn; `shell.css` stops them for reduced motion. */
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
