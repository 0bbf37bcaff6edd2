export type Shortcut = 'find' | 'next' | 'previous' | 'keys' | 'leave'

type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean }

/** The shortcut that a key press means. While the person is typing, plain keys go to the field. */
export function shortcutOf(press: Press, typing: boolean): Shortcut | undefined {
  const { key, altKey } = press
  const command = press.ctrlKey || press.metaKey
  if (command && !altKey && !press.shiftKey && key.toLowerCase() === 'k') return 'find'
  if (altKey && !command && key === 'ArrowDown') return 'next'
  if (altKey && !command && key === 'ArrowUp') return 'previous'
  if (command || altKey) return undefined
  if (typing) return undefined
  if (key === 'Escape') return 'leave'
  if (key === '?') return 'keys'
  return undefined
}
