import { expect, test } from 'vitest'
import { arrangePanes } from './arrange-panes.ts'

const stack = (...names: string[]) => names.map((name, index) => ({ name, key: `${name}-${index}` }))

test('from 720 px the list is beside the chat, and details replace the chat', () => {
  expect(arrangePanes(stack('home'), 800)).toEqual({ columns: 2, list: 'home-0' })
  expect(arrangePanes(stack('home', 'chat'), 800)).toEqual({ columns: 2, list: 'home-0', main: 'chat-1' })
  expect(arrangePanes(stack('home', 'chat', 'details'), 800)).toEqual({
    columns: 2,
    list: 'home-0',
    main: 'details-2',
  })
})

test('from 1200 px details are beside the chat', () => {
  expect(arrangePanes(stack('home', 'chat', 'details'), 1280)).toEqual({
    columns: 3,
    list: 'home-0',
    main: 'chat-1',
    side: 'details-2',
  })
})

test('a new chat opens over the list and leaves the chat where it is', () => {
  expect(arrangePanes(stack('home', 'chat', 'new'), 1280)).toEqual({
    columns: 2,
    list: 'new-2',
    main: 'chat-1',
  })
})

test('a chat opened over another hides the details of the first', () => {
  expect(arrangePanes(stack('home', 'chat', 'details', 'chat'), 1280)).toEqual({
    columns: 2,
    list: 'home-0',
    main: 'chat-3',
  })
})
