import { useEffect, useRef } from 'react'
import { useTheme } from '../theme/theme-provider.tsx'
import type { SheetProps } from './sheet.tsx'

/** The browser's modal dialog: traps the focus, closes on Esc. `shell.css` positions it. */
export function Sheet({ label, open, onClose, children }: SheetProps) {
  const { colors } = useTheme()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal()
  }, [open])
  if (!open) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a modal dialog by itself.
    <dialog
      ref={dialog}
      aria-label={label}
      className="sheet"
      style={{ backgroundColor: colors.raised, color: colors.text }}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      // Browsers close a dialog on a second Esc without asking; one that must stay is opened
      // again.
      onClose={() => {
        onClose()
        dialog.current?.showModal()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="sheet-content">{children}</div>
    </dialog>
  )
}
