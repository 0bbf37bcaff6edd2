import { parseArgs } from 'node:util'
import { measurePeopleSearch } from './src/people-search.ts'
import { runBench } from './src/run-bench.ts'

const { values } = parseArgs({
  options: {
    capacity: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    people: { type: 'string' },
    'people-search': { type: 'boolean', default: false },
  },
})
process.exitCode = values['people-search']
  ? await measurePeopleSearch()
  : await runBench({
      capacity: values.capacity,
      seconds: values.seconds === undefined ? undefined : Number(values.seconds),
      people: values.people === undefined ? undefined : Number(values.people),
    })
