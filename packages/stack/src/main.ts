import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { runInTerminal } from './run-in-terminal.ts'

await runInTerminal(() => readConfig(readEnvironment()))
