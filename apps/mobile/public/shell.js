// Applies the chosen theme before the first paint, so that nothing flashes.
try {
  const { theme } = JSON.parse(localStorage.getItem('finnigram.preferences') ?? '{}')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system decides.
}
