import { useSyncExternalStore } from 'react'

let region: HTMLElement | undefined

/** Announces a text through one polite live region of the page. */
export function announce(text: string): void {
  if (region === undefined) {
    region = document.createElement('div')
    region.className = 'announcer'
    region.setAttribute('aria-live', 'polite')
    document.body.append(region)
  }
  region.textContent = text
}

/** Copies a text; resolves to whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** Without HTTPS there is no `navigator.clipboard`; `execCommand` copies the selection instead. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.style.position = 'fixed'
  field.style.opacity = '0'
  const focused = document.activeElement
  // Inside an open dialog, because everything outside it is inert and cannot be selected.
  const host = focused?.closest('dialog') ?? document.body
  host.append(field)
  try {
    field.select()
    field.setSelectionRange(0, text.length)
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (focused instanceof HTMLElement) focused.focus()
  }
}

/** Props of a real link that opens in a new tab without a referrer. */
export const openLink = (href: string) => ({
  href,
  hrefAttrs: { target: '_blank', rel: 'noopener noreferrer nofollow' },
})

const subscribe = (listener: () => void) => {
  window.addEventListener('focus', listener)
  window.addEventListener('blur', listener)
  document.addEventListener('visibilitychange', listener)
  return () => {
    window.removeEventListener('focus', listener)
    window.removeEventListener('blur', listener)
    document.removeEventListener('visibilitychange', listener)
  }
}

/** Whether the page is visible and its window has the focus. */
export const useIsAppInFocus = () =>
  useSyncExternalStore(subscribe, () => document.visibilityState === 'visible' && document.hasFocus())
