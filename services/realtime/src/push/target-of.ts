/** The same device, also where its app has set its target anew meanwhile: only the time in the name is another. */
export const targetOf = (targetKey: string): string => targetKey.split('.', 1)[0] ?? ''
