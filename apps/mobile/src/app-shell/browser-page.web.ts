import type { MailedLink } from './browser-page.ts'
import { ownPath } from './same-origin-path.ts'

const authPath = /^\/(?:login|register|forgot)\/?$/
const storageKey = 'finnigram.returnTo'
/** In place of the tab's storage where that is blocked; then a reload forgets it. */
let inPage: string | null = null

/**
 * Before the sign-in form takes the address bar: where the person wanted to go. This tab remembers
 * it over reloads.
 */
export function rememberAddress(): void {
  const { pathname, search } = window.location
  if (authPath.test(pathname)) return
  keep(pathname === '/profile' ? null : ownPath(pathname + search))
  window.history.replaceState(null, '', '/login')
}

/** Who signs out leaves no trace of where they were. */
export function forgetAddress(): void {
  keep(null)
  if (!authPath.test(window.location.pathname)) window.history.replaceState(null, '', '/login')
}

/** Once signed in: back to where they wanted to go, once. */
export function restoreAddress(): void {
  const wanted = ownPath(kept())
  keep(null)
  if (!authPath.test(window.location.pathname)) return
  window.history.replaceState(null, '', authPath.test(wanted) ? '/' : wanted)
}

function keep(path: string | null): void {
  inPage = path
  try {
    if (path === null) sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, path)
  } catch {
    // Blocked: the page remembers.
  }
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(storageKey) ?? inPage
  } catch {
    return inPage
  }
}

const page = /^\/(reset-password|verify-email)\/?$/

/** The link in a mail that opened this page. Its token leaves the address bar, and with it the history, at once. */
export function takeMailedLink(): MailedLink | null {
  const { pathname, hash } = window.location
  const name = page.exec(pathname)?.[1]
  const token = new URLSearchParams(hash.slice(1)).get('token')
  if (name === undefined || !token) return null
  window.history.replaceState(null, '', '/')
  return { page: name === 'reset-password' ? name : 'verify-email', token }
}

export function setPageTitle(title: string): void {
  document.title = title
}
