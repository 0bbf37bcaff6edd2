import type { EmailLink } from './browser-page.ts'
import { sameOriginPath } from './same-origin-path.ts'

const authPath = /^\/(?:login|register|forgot)\/?$/
const storageKey = 'finnigram.returnTo'
/** Used where the tab's storage is blocked; a reload loses it. */
let pathInMemory: string | null = null

/**
 * Saves where the person wanted to go, before the sign-in form replaces the path. The tab keeps it
 * over reloads.
 */
export function saveReturnPath(): void {
  const { pathname, search } = window.location
  if (authPath.test(pathname)) return
  writeReturnPath(pathname === '/profile' ? null : sameOriginPath(pathname + search))
  window.history.replaceState(null, '', '/login')
}

/** After a deliberate sign-out: forgets the path, so that the next person does not open it. */
export function clearReturnPath(): void {
  writeReturnPath(null)
  if (!authPath.test(window.location.pathname)) window.history.replaceState(null, '', '/login')
}

/** After sign-in: restores the saved path, once. */
export function restoreReturnPath(): void {
  const wanted = sameOriginPath(readReturnPath())
  writeReturnPath(null)
  if (!authPath.test(window.location.pathname)) return
  window.history.replaceState(null, '', authPath.test(wanted) ? '/' : wanted)
}

function writeReturnPath(path: string | null): void {
  pathInMemory = path
  try {
    if (path === null) sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, path)
  } catch {
    // Storage is blocked: `pathInMemory` has it.
  }
}

function readReturnPath(): string | null {
  try {
    return sessionStorage.getItem(storageKey) ?? pathInMemory
  } catch {
    return pathInMemory
  }
}

const emailLinkPath = /^\/(reset-password|verify-email)\/?$/

/**
 * Reads the email link that opened this page. Its token leaves the address bar and the history at
 * once.
 */
export function readEmailLink(): EmailLink | null {
  const { pathname, hash } = window.location
  const name = emailLinkPath.exec(pathname)?.[1]
  const token = new URLSearchParams(hash.slice(1)).get('token')
  if (name === undefined || !token) return null
  window.history.replaceState(null, '', '/')
  return { page: name === 'reset-password' ? name : 'verify-email', token }
}

export function setPageTitle(title: string): void {
  document.title = title
}
