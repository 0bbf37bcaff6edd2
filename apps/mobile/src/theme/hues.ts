/** Twelve hues, each readable (AA) on the page and on both bubbles of its scheme. */
export const lightHues = [
  '#BE3849',
  '#B84402',
  '#965D07',
  '#7A6906',
  '#507400',
  '#0B7A3E',
  '#08776A',
  '#057488',
  '#036EAE',
  '#4C5FCD',
  '#874EBD',
  '#B03C86',
] as const

export const darkHues = [
  '#FC9095',
  '#F8966F',
  '#E8A14D',
  '#C5AF41',
  '#95BC5E',
  '#65C281',
  '#15C5B1',
  '#0DC0DF',
  '#60B6FA',
  '#96ACFF',
  '#C79EF6',
  '#EF92C8',
] as const

/** Which of the twelve hues belongs to a user or conversation id: the same on every device (FNV-1a). */
export function hueIndex(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % lightHues.length
}
