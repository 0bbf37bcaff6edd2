/** Small values that belong to this browser alone; lost without harm where storage is blocked. */
export const deviceStorage = {
  read(key: string): string | null {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  },
  write(key: string, value: string): void {
    try {
      localStorage.setItem(key, value)
    } catch {
      // Private windows may refuse; the preference then lasts as long as the page.
    }
  },
}
