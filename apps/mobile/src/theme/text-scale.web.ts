const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

/** How much larger than usual the person has set their browser's text (1 = 16 px). */
export const textScale = Number.isFinite(rootSize) ? Math.min(Math.max(rootSize / 16, 0.75), 2) : 1
