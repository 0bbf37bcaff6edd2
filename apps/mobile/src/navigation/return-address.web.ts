const authPath = /^\/(?:login|register|forgot)\/?$/
let wanted = '/'

/** Before the sign-in form takes the address bar: where the person wanted to go. */
export function rememberAddress(): void {
  const { pathname, search } = window.location
  if (authPath.test(pathname)) return
  wanted = pathname === '/profile' ? '/' : pathname + search
  window.history.replaceState(null, '', '/login')
}

/** Once signed in: back to where they wanted to go. */
export function restoreAddress(): void {
  if (!authPath.test(window.location.pathname)) return
  window.history.replaceState(null, '', wanted)
  wanted = '/'
}
