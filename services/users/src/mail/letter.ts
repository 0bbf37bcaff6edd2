/** A mail before it has an address: a subject, paragraphs, and links with their tokens where there are any. */
export interface Letter {
  subject: string
  greeting: string
  before: string[]
  actions: { words: string; link: string; token: string }[]
  after: string[]
}

/** The letter as plain text. */
export function toText({ greeting, before, actions, after }: Letter): string {
  const acting = actions.flatMap(({ words, link, token }) => [
    `${words}:\n${link}`,
    `Or type in this token:\n${token}`,
  ])
  const paragraphs = [greeting, ...before.map(wrap), ...acting, ...after.map(wrap), '-- \nFinnigram']
  return `${paragraphs.join('\n\n')}\n`
}

const lineLength = 72

/** Breaks a paragraph into lines. */
function wrap(paragraph: string): string {
  const lines = ['']
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= lineLength) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

/** The letter as HTML that every mail program shows: no images, no style sheet, nothing fetched. */
export function toHtml({ subject, greeting, before, actions, after }: Letter): string {
  const paragraph = (inner: string) => `<p style="margin:0 0 16px">${inner}</p>`
  const text = (lines: string[]) => lines.map((line) => paragraph(escapeHtml(line)))
  const acting = actions.flatMap(({ words, link, token }) => [
    paragraph(
      `<a href="${escapeHtml(link)}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#2f5fd0;color:#ffffff;text-decoration:none">${escapeHtml(words)}</a>`,
    ),
    paragraph(`Or type in this token:<br><code>${escapeHtml(token)}</code>`),
  ])
  const body = [paragraph(escapeHtml(greeting)), ...text(before), ...acting, ...text(after)].join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c1c1e;background:#ffffff"><div style="max-width:520px">
${body}
<p style="margin:24px 0 0;color:#6b6b70">Finnigram</p>
</div></body></html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (value: string) => value.replace(/[&<>"']/g, (character) => entities[character] ?? '')
