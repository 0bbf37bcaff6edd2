import type { Theme } from './theme.ts'

/** Themes what is outside React: page background, scroll bars, the browser's tool bar. */
export function applyColorScheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme.scheme
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    meta.removeAttribute('media')
    meta.setAttribute('content', theme.colors.background)
  }
}
