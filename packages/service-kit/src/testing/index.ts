export * from '@finnigram/testing'
