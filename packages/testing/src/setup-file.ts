import { guardOutput } from './guard-output.ts'

guardOutput()
