import { ApiProblem, localProblem } from '@finnigram/client'
import { expect, test } from 'vitest'
import { checkEmail, checkRegister, checkSignIn, errorsFromServer } from './auth-errors.ts'

test('the sign-up form reports all errors at once', () => {
  expect(checkRegister({ username: 'a!', displayName: ' ', email: 'ada', password: 'short' })).toEqual({
    username: 'badUsername',
    displayName: 'needDisplayName',
    email: 'badEmail',
    password: 'shortPassword',
  })
  expect(
    checkRegister({ username: ' Ada.L ', displayName: 'Ada', email: '', password: 'correct horse' }),
  ).toEqual({})
})

test('email addresses in any script pass; those the server would refuse are reported first', () => {
  for (const email of ['jürgen@example.com', ' user@müller.example ', '用户＠例子。广告', 'अजय@डाटा.भारत'])
    expect(checkEmail({ email })).toEqual({})
  for (const email of ['ada@example', 'a da@example.org', '"ada"@example.org', 'ada@example..org'])
    expect(checkEmail({ email })).toEqual({ email: 'badEmail' })
})

test('signing in requires both fields and validates neither', () => {
  expect(checkSignIn({ username: '', password: '' })).toEqual({
    username: 'needUsername',
    password: 'needPassword',
  })
  expect(checkSignIn({ username: 'x', password: 'y' })).toEqual({})
})

test('a wrong password or code is reported at its field', () => {
  const problem = (path: string) =>
    new ApiProblem({
      ...localProblem('invalid_credentials').problem,
      errors: [{ path, message: 'Is wrong' }],
    })
  expect(errorsFromServer(problem('body.password'))).toEqual({ password: 'wrongPassword' })
  expect(errorsFromServer(problem('body.totp'))).toEqual({ code: 'problemCode' })
})

test('a taken username is reported at its field', () => {
  expect(errorsFromServer(localProblem('username_taken'))).toEqual({ username: 'problemUsernameTaken' })
  expect(errorsFromServer(localProblem('internal'))).toEqual({})
  expect(errorsFromServer(new Error('what'))).toEqual({})
})
