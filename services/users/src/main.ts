import { runUntilSignal } from '@finnigram/service-kit'
import { readConfig } from './config.ts'
import { startUsers } from './service.ts'

await runUntilSignal((signal) => startUsers(readConfig(process.env), { signal }))
