/** How a text carries its number: at its beginning, so that an answer that quotes it carries it too. */
export const toMark = (number: number) => `[[${String(number).padStart(8, '0')}]]`

const markLength = 12
const pattern = /\[\[(\d{8})\]\]/g

/** The numbers of all texts that stand in a text. */
export const marksIn = (text: string): number[] =>
  [...text.matchAll(pattern)].map(([, digits]) => Number(digits))

/** Finds the numbers of texts in a stream of bytes, also where a chunk ends in the middle of one. */
export function createTextScanner(onText: (number: number) => void): (chunk: Buffer) => void {
  let end = ''
  return (chunk) => {
    const text = end + chunk.toString('latin1')
    for (const number of marksIn(text)) onText(number)
    end = text.slice(-(markLength - 1))
  }
}
