import { join, resolve } from 'node:path'

/** The folder of the repository. */
export const root = resolve(import.meta.dirname, '../../..')

/** A path inside the repository. */
export const inRoot = (...parts: string[]) => join(root, ...parts)
