import { runUntilSignal } from '@finnigram/service-kit'
import { readConfig } from './config.ts'
import { startMessages } from './service.ts'

await runUntilSignal((signal) => startMessages(readConfig(process.env), { signal }))
