import { messageWay } from './check-structure.ts'

/** Prints the own files that a message goes through, from one composer to the other's bubble. */
const way = messageWay()
const known = new Set<string>()
for (const { title, files } of way) {
  process.stdout.write(`${title}\n`)
  for (const file of files.filter((path) => !known.has(path))) process.stdout.write(`  ${file}\n`)
  for (const file of files) known.add(file)
}
process.stdout.write(`${known.size} files\n`)
