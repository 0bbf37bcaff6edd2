export type TextPart = { text: string; href?: string }

const linkStart = /(?:https?:\/\/|www\.)/i
const closing: Record<string, string> = { ')': '(', ']': '[', '}': '{', '>': '<' }
const trailing = new Set(['.', ',', '!', '?', ':', ';', "'", '"', '»', '”', '’', '…', '*', '_'])

/** Cuts a text into plain parts and links (`http`, `https`, `www.`), in time linear in its length. */
export function findLinks(text: string): TextPart[] {
  const parts: TextPart[] = []
  let plain = ''
  for (const word of text.split(/(\s+)/)) {
    const start = word.search(linkStart)
    const link = start < 0 ? '' : trimEnd(word.slice(start))
    const href = link === '' ? undefined : hrefOf(link)
    if (href === undefined) {
      plain += word
      continue
    }
    plain += word.slice(0, start)
    if (plain !== '') parts.push({ text: plain })
    parts.push({ text: link, href })
    plain = word.slice(start + link.length)
  }
  if (plain !== '') parts.push({ text: plain })
  return parts
}

/** Leaves punctuation that ends the sentence, and brackets that were opened before the link, outside. */
function trimEnd(link: string): string {
  const open: Record<string, number> = {}
  for (const character of link) open[character] = (open[character] ?? 0) + 1
  let end = link.length
  while (end > 0) {
    const last = link[end - 1] ?? ''
    const opener = closing[last]
    const unbalanced = opener !== undefined && (open[last] ?? 0) > (open[opener] ?? 0)
    if (!trailing.has(last) && !unbalanced) break
    open[last] = (open[last] ?? 1) - 1
    end -= 1
  }
  return link.slice(0, end)
}

function hrefOf(link: string): string | undefined {
  const href = /^www\./i.test(link) ? `https://${link}` : link
  const host = /^https?:\/\/([^/?#\s]+)/i.exec(href)?.[1] ?? ''
  const named = host.replace(/:\d{1,5}$/, '')
  const real = named === 'localhost' || /^[^.@\\]+(?:\.[^.@\\]+)+$/u.test(named)
  return real ? href : undefined
}
