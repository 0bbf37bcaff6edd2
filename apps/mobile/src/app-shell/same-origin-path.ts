const mostCharacters = 2_048

/**
 * `path` as a place within this app, whatever was made of it on the way; the list where it could
 * lead elsewhere.
 */
export function sameOriginPath(path: string | null): string {
  // Browsers read two slashes, of either kind, as the beginning of another host, and skip tabs and line breaks.
  const flat = (path ?? '').replace(/^[/\\]+/, '/')
  return flat.startsWith('/') && flat.length <= mostCharacters && /^[!-~]*$/.test(flat) ? flat : '/'
}
