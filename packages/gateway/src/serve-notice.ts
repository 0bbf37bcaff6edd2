import type { Serve } from './serve-app.ts'

/** A plain page for the time when there is no app to serve: while it is built, or when it could not be. */
export function serveNotice(
  notice: { title: string; text: string; isPassing: boolean },
  headers: Record<string, string>,
): Serve {
  const { title, text, isPassing } = notice
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${isPassing ? '<meta http-equiv="refresh" content="2">' : ''}<meta name="color-scheme" content="light dark"><title>${title}</title>
<style>body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 24px}p{opacity:.75}</style>
<h1>${title}</h1><p>${text}</p></html>`
  return (_request, response) => {
    response
      .writeHead(503, {
        ...headers,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...(isPassing ? { 'retry-after': '2' } : {}),
      })
      .end(body)
  }
}
