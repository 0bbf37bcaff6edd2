/** Shows the progress of a start. */
export interface Progress {
  /** Shows `title` while `work` runs, with the latest detail that `work` reports. */
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
  /** Shows a line of its own. */
  say(line: string): void
}

/** Shows nothing, for tests and programs that start a stack. */
export const silent: Progress = { step: (_title, work) => work(() => {}), say: () => {} }

const quietMs = 700
const everyMs = 10_000

/**
 * Writes a line when a step begins to take long, every ten seconds while it lasts, and when it is
 * done.
 */
export function printProgress(write: (text: string) => void, isColoured: boolean): Progress {
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text)
  return {
    say: (line) => write(`${line}\n`),
    async step(title, work) {
      const begun = Date.now()
      const seconds = () => paint(2, `${((Date.now() - begun) / 1000).toFixed(1)} s`)
      let latest = ''
      const show = () =>
        write(`  ${paint(33, '…')} ${title}  ${latest ? `${paint(2, latest)}  ` : ''}${seconds()}\n`)
      const first = setTimeout(show, quietMs)
      const beat = setInterval(show, everyMs)
      try {
        const result = await work((text) => {
          latest = text.slice(0, 70)
        })
        write(`  ${paint(32, '✓')} ${title}  ${seconds()}\n`)
        return result
      } catch (error) {
        write(`  ${paint(31, '✗')} ${title}  ${seconds()}\n`)
        throw error
      } finally {
        clearTimeout(first)
        clearInterval(beat)
      }
    },
  }
}
