import { useEffect, useRef } from 'react'
import { useTheme } from '../theme/theme-provider.tsx'
import type { SheetProps } from './sheet.tsx'

/** The browser's own modal dialog: it keeps the focus inside and leaves on Esc. `shell.css` places it: below on phones, centred on wide screens. */
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
      // A second Esc closes without asking: what must be answered opens again.
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
