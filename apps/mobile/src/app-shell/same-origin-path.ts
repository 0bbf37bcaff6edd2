const mostCharacters = 2_048

/** Returns `path` if it stays within this app, else `/`: prevents an open redirect. */
export function sameOriginPath(path: string | null): string {
  // Browsers take two slashes of either kind for another host, and skip tabs and line breaks.
  const flat = (path ?? '').replace(/^[/\\]+/, '/')
  return flat.startsWith('/') && flat.length <= mostCharacters && /^[!-~]*$/.test(flat) ? flat : '/'
}
