/** What one run of the load looks like. */
export interface Scenario {
  name: string
  people: number
  groupSize: number
  rate: number
  seconds: number
}

/** The scenarios of `npm run bench`, smallest first. */
export const scenarios: readonly Scenario[] = [
  { name: '200 people, groups of 10', people: 200, groupSize: 10, rate: 100, seconds: 15 },
  { name: '1000 people, groups of 10', people: 1000, groupSize: 10, rate: 100, seconds: 20 },
  { name: '1000 people, groups of 100', people: 1000, groupSize: 100, rate: 50, seconds: 20 },
]

/** Rates tried one after the other by `--capacity`, in sends a second. */
export const capacityRates = [250, 500, 750, 1000, 1500, 2000, 2500, 3000]
