/** A field of an XINFO reply, which is a flat list of names and values. */
export function infoField(info: readonly unknown[], name: string): unknown {
  for (let i = 0; i + 1 < info.length; i += 2) if (info[i] === name) return info[i + 1]
  return undefined
}
