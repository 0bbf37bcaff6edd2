import type { MailedLink } from './mailed-link.ts'

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
