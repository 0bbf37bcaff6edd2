let region: HTMLElement | undefined

/** Says something through the screen reader, by way of one polite live region of the page. */
export function announce(text: string): void {
  if (region === undefined) {
    region = document.createElement('div')
    region.className = 'announcer'
    region.setAttribute('aria-live', 'polite')
    document.body.append(region)
  }
  region.textContent = text
}
