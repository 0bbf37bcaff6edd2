import { createLocalSessionStorage } from '@finnigram/client'

/** The session in this browser, shared by its tabs. */
export const sessionStorage = createLocalSessionStorage()
