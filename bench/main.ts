import { parseArgs } from 'node:util'
import { measureGreedy } from './src/greedy/measure-greedy.ts'
import { measureArchive } from './src/measure-archive.ts'
import { measurePeopleSearch } from './src/people-search.ts'
import { runBench } from './src/run-bench.ts'
import { measureStorm } from './src/storm/measure-storm.ts'

const { values } = parseArgs({
  options: {
    capacity: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    people: { type: 'string' },
    'people-search': { type: 'boolean', default: false },
    search: { type: 'boolean', default: false },
    history: { type: 'boolean', default: false },
    messages: { type: 'string' },
    storm: { type: 'boolean', default: false },
    greedy: { type: 'boolean', default: false },
    kinds: { type: 'string' },
    loose: { type: 'boolean', default: false },
    sockets: { type: 'string' },
    rate: { type: 'string' },
  },
})
const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text))
const { capacity, search, history } = values

if (values.storm) {
  const { sockets, rate } = values
  process.exitCode = await measureStorm({ sockets: numberOf(sockets) ?? 5000, rate: numberOf(rate) ?? 25 })
} else if (values.greedy) {
  const { seconds, kinds, loose: isLoose } = values
  process.exitCode = await measureGreedy({
    seconds: numberOf(seconds) ?? 60,
    kinds: kinds?.split(','),
    isLoose,
  })
} else if (values['people-search']) process.exitCode = await measurePeopleSearch()
else if (search || history) {
  process.exitCode = await measureArchive({ search, history, messages: numberOf(values.messages) })
} else {
  process.exitCode = await runBench({
    capacity,
    seconds: numberOf(values.seconds),
    people: numberOf(values.people),
  })
}
