import { describe, expect, test } from 'vitest'
import { MessageText } from './message.ts'
import { DisplayName, Username } from './user.ts'

describe('message text', () => {
  test('is stored in NFC with plain line breaks', () => {
    expect(MessageText.parse('cafe\u0301\r\nau lait\r')).toBe('café\nau lait\n')
  })

  test('may be 8000 characters long, counted in code points, and not one more', () => {
    expect(MessageText.safeParse('😀'.repeat(8000)).success).toBe(true)
    expect(MessageText.safeParse('😀'.repeat(8001)).success).toBe(false)
    expect(MessageText.safeParse('a'.repeat(8001)).success).toBe(false)
  })

  test.each([
    ['white space only', ' \n\t '],
    ['nothing that can be seen', '\u200b \u2060\u202e\u3164'],
    ['a NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud83d'],
    ['a pile of combining marks', `a${'\u0336\u0347'.repeat(20)}`],
  ])('refuses %s', (_, text) => {
    expect(MessageText.safeParse(text).success).toBe(false)
  })

  test('keeps joined emoji and right-to-left marks', () => {
    const text = '👨‍👩‍👧 \u200fשלום'
    expect(MessageText.parse(text)).toBe(text)
  })
})

describe('names', () => {
  test('a display name is trimmed, folded to one line and may hold emoji', () => {
    expect(DisplayName.parse('  Zoë \n 👩🏽‍💻 ')).toBe('Zoë 👩🏽‍💻')
  })

  test.each(['a\u202eb', 'a\u200bb', '\u3164\u3164', '   '])(
    'a display name may not hide what it is: %j',
    (name) => {
      expect(DisplayName.safeParse(name).success).toBe(false)
    },
  )

  test.each(['all', 'a11', 'Deleted'])('%s means something else, and is no username', (name) => {
    expect(Username.safeParse(name).success).toBe(false)
  })

  test('a username is folded, and every mistake is told at once', () => {
    expect(Username.parse('ＡDA.Lovelace')).toBe('ada.lovelace')
    expect(Username.safeParse('!').error?.issues).toHaveLength(2)
  })
})
