import { findTextParts } from '@finnigram/contracts'

export type TextCut = { text: string; start: number; href?: string; isMention?: true }

/** Cuts a text into plain parts, links, and mentions of those in `mentioned` (usernames; `all` for everyone). */
export function cutText(text: string, mentioned: readonly string[]): TextCut[] {
  const cuts: TextCut[] = []
  let plainFrom = 0
  const plainTo = (end: number) => {
    if (end > plainFrom) cuts.push({ text: text.slice(plainFrom, end), start: plainFrom })
  }
  for (const part of findTextParts(text)) {
    const { start, end } = part
    if (part.type === 'mention' && !mentioned.includes(part.username)) continue
    plainTo(start)
    const cut = { text: text.slice(start, end), start }
    cuts.push(part.type === 'link' ? { ...cut, href: part.url } : { ...cut, isMention: true })
    plainFrom = end
  }
  plainTo(text.length)
  return cuts
}
