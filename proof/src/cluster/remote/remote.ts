/** What one process can ask another to do; arguments and results pass as JSON. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

export interface Call {
  id: number
  method: string
  args: unknown[]
}

export interface Answer {
  id: number
  value?: unknown
  error?: string
}

/**
 * A process that does what it is called for, and ends when it is disposed of or this process ends.
 */
export interface Remote<M extends Methods> extends AsyncDisposable {
  /**
   * Calls are done in the order in which they are made; rejects with what the method threw, or when
   * the process ends.
   */
  call<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>>
}
