const browsers: [pattern: RegExp, name: string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: [pattern: RegExp, name: string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
]
const named = (list: typeof browsers) => list.find(([pattern]) => pattern.test(navigator.userAgent))?.[1]

/** How this browser is named in the list of sessions, such as "Firefox on Linux". */
export const thisDevice = {
  name: [named(browsers) ?? 'Browser', named(systems)].filter(Boolean).join(' on '),
  platform: 'web',
}
