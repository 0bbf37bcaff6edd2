import { writeDocs } from './docs/write-docs.ts'

writeDocs()
