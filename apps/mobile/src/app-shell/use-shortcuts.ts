import type { Shortcut } from './shortcut.ts'

/** Native apps have no app-wide shortcuts. */
export function useShortcuts(_act: (shortcut: Shortcut) => void): void {}
