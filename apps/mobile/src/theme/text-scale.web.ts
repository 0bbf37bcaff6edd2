const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

/** The browser's text size relative to the usual 16 px. */
export const textScale = Number.isFinite(rootSize) ? Math.min(Math.max(rootSize / 16, 0.75), 2) : 1
