import { expect, test } from 'vitest'
import { isCommonPassword } from './is-common-password.ts'

test.each(['password', 'PASSWORD', '12345678', 'Iloveyou', 'ｐａｓｓｗｏｒｄ'])(
  '%s is common',
  (password) => {
    expect(isCommonPassword(password)).toBe(true)
  },
)

test.each(['correct horse battery', 'gL8#kq2!xv', ''])('%j is not', (password) => {
  expect(isCommonPassword(password)).toBe(false)
})
