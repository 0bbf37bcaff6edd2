import type { Shortcut } from './shortcut.ts'

/** Phones and tablets have the system's own keys. */
export function useShortcuts(_act: (shortcut: Shortcut) => void): void {}
