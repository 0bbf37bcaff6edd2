/** Whether the browser says so of its screen or its person; false where it says nothing. */
export function matchesMedia(query: string): boolean {
  try {
    return matchMedia(query).matches
  } catch {
    return false
  }
}
