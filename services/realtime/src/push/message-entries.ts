/** As sends are written: their seq comes first. What people write cannot look so, for its quotes are escaped. */
const asWritten = /"message":\{"seq":(\d+)/

/** The seq of the message that a `message.created` tells, without reading all of it where that can be avoided; undefined where there is none. */
export function readSeq(payload: string): number | undefined {
  const seq = asWritten.exec(payload)?.[1]
  if (seq !== undefined) return Number(seq)
  try {
    const { data } = JSON.parse(payload) as { data?: { message?: { seq?: unknown } } }
    const found = data?.message?.seq
    return typeof found === 'number' ? found : undefined
  } catch {
    return undefined
  }
}
