// Before the first paint: the theme this device was told to use, so that nothing flashes.
try {
  const { theme } = JSON.parse(localStorage.getItem('finnigram.preferences') ?? '{}')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system's scheme is right.
}
