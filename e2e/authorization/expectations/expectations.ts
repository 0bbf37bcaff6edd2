import type { Cells } from './outcomes.ts'

/** What is expected of every case: no more and no fewer than there are. */
export type Expectations<Cases> = { [Name in keyof Cases]: { [Thing in keyof Cases[Name]]: Cells } }
