import { readConfig } from './config.ts'
import { runInTerminal } from './run-in-terminal.ts'

await runInTerminal(() => readConfig(process.env))
