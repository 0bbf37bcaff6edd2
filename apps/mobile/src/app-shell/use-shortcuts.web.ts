import { useEffect, useRef } from 'react'
import { type Shortcut, shortcutOf } from './shortcut.ts'

/** Handles app-wide shortcuts before any field does; an open dialog disables them. */
export function useShortcuts(act: (shortcut: Shortcut) => void): void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const { target } = event
      const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
      const shortcut = shortcutOf(event, typing)
      if (shortcut === undefined || document.querySelector('dialog[open]') !== null) return
      event.preventDefault()
      latest.current(shortcut)
    }
    document.addEventListener('keydown', onKeyDown, true)
    return () => document.removeEventListener('keydown', onKeyDown, true)
  }, [])
}
