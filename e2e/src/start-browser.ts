import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The machine's Chromium (`CHROMIUM_PATH`, else the usual places), without a window. */
function findBrowser() {
  const executablePath = process.env['CHROMIUM_PATH'] ?? places.find((place) => existsSync(place))
  if (executablePath === undefined)
    throw new Error('No Chromium here: install Debian’s `chromium`, or set CHROMIUM_PATH')
  return {
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A host that is neither localhost nor https, as another device in the network sees the
      // product.
      '--host-resolver-rules=MAP chat.test 127.0.0.1',
    ],
  }
}

export const startBrowser = (): Promise<Browser> => chromium.launch(findBrowser())

/**
 * A browser whose person blocks all cookies, and with them every storage. It ends with its one
 * context.
 */
export const browserWithoutCookies: Pick<Browser, 'newContext'> = {
  async newContext(options?: BrowserContextOptions) {
    const profile = await mkdtemp(join(tmpdir(), 'finnigram-browser-'))
    await mkdir(join(profile, 'Default'))
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
    const context = await chromium.launchPersistentContext(profile, { ...findBrowser(), ...options })
    context.on('close', () => void rm(profile, { recursive: true, force: true, maxRetries: 5 }))
    return context
  },
}
