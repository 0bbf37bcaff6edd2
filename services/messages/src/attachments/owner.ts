import type { Actor } from '@finnigram/service-kit'

/** Whose files these are: all that uploads need to know of the caller. */
export type Owner = Pick<Actor, 'userId'>
