import type { Browser } from 'playwright-core'
import { startBrowser } from './start-browser.ts'
import { type ServerSide, startServerSide } from './start-server-side.ts'

export interface Product extends ServerSide {
  browser: Browser
}

/** The whole product with its web app, and a browser to use it with. */
export async function startProduct(): Promise<Product> {
  const [server, browser] = await Promise.all([startServerSide({ FINNIGRAM_WEB: 'on' }), startBrowser()])
  return {
    ...server,
    browser,
    async [Symbol.asyncDispose]() {
      await browser.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
