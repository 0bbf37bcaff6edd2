import type { EmailLink } from './browser-page.ts'
import { sameOriginPath } from './same-origin-path.ts'

const authPath = /^\/(?:login|register|forgot)\/?$/
const storageKey = 'finnigram.returnTo'
/** In place of the tab's storage where that is blocked; then a reload forgets it. */
let pathInMemory: string | null = null

/**
 * Before the sign-in form takes the address bar: where the person wanted to go. This tab remembers
 * it over reloads.
 */
export function saveReturnPath(): void {
  const { pathname, search } = window.location
  if (authPath.test(pathname)) return
  writeReturnPath(pathname === '/profile' ? null : sameOriginPath(pathname + search))
  window.history.replaceState(null, '', '/login')
}

/** Who signs out leaves no trace of where they were. */
export function clearReturnPath(): void {
  writeReturnPath(null)
  if (!authPath.test(window.location.pathname)) window.history.replaceState(null, '', '/login')
}

/** Once signed in: back to where they wanted to go, once. */
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
    // Blocked: the page remembers.
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

/** The link in a mail that opened this page. Its token leaves the address bar, and with it the history, at once. */
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
