import { describe, expect, test } from 'vitest'
import { Title } from './conversation.ts'
import { Emoji, MessageText } from './message.ts'
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
    ['nothing but control characters', '\u0000\u0007\u001b'],
    ['a pile of combining marks', `a${'\u0336\u0347'.repeat(20)}`],
  ])('refuses %s', (_, text) => {
    expect(MessageText.safeParse(text).success).toBe(false)
  })

  test.each([
    ['the output of a terminal', '\u001b[31merror\u001b[0m\tat line 1\u0007', '[31merror[0m\tat line 1'],
    ['a page of an old printer', 'one\u000btwo\u000cthree\u001a', 'onetwothree'],
    ['a field of a database', 'a\u0000b\u0085c\u009d', 'abc'],
    ['an emoji that a program cut in two', 'a\ud83d b\udc4d', 'a\ufffd b\ufffd'],
  ])('of %s what no text has is taken out', (_, pasted, stored) => {
    expect(MessageText.parse(pasted)).toBe(stored)
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

  test.each(['\u3164\u3164', '\u200d', '\ufe0f\u{e0100}', '\u202e \u200b', '   ', '\u0000'])(
    'a name has something in it that can be seen: %j',
    (name) => {
      expect(DisplayName.safeParse(name).error?.issues).toMatchObject([{ message: 'Must not be empty' }])
      expect(Title.safeParse(name).success).toBe(false)
    },
  )

  test.each([
    'علی‌رضا', // Persian, zero-width non-joiner
    'می‌خواهم',
    'ශ්‍රී ලංකා', // Sinhala, zero-width joiner
    'ക്‍ഷ രാജന്‍', // Malayalam, an old chillu at the end
    'क्‍ष', // Devanagari
    'র‍্যাব', // Bengali
    'ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ᠋', // Mongolian, free variation selector
    '葛󠄀城', // ideographic variation sequence
    '⛩︎ 神社',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿', // flag of England
    '🏴󠁵󠁳󠁴󠁸󠁿 Texas',
    '🇩🇪 Team',
    'Team 1️⃣',
    '#️⃣ general',
    '❤️‍🔥 Club',
    '👨‍👩‍👧‍👦',
    '🏳️‍🌈',
    '👩🏽‍💻 Zoë',
    'Nguyễn Thị Ánh',
    'Ὀδυσσεύς',
    'עִבְרִית',
    'ⴰⵎⴰⵣⵉⵖ',
    '𠮷野家',
  ])('%s is a name', (name) => {
    expect(DisplayName.parse(name)).toBe(name.normalize('NFC'))
    expect(Title.parse(name)).toBe(name.normalize('NFC'))
  })

  test.each([
    ['\u200fשלום\u200e', 'שלום'],
    ['exe.\u202egnp', 'exe.gnp'],
    ['\u2067Ada\u2069', 'Ada'],
    ['Silben\u00adtrennung', 'Silbentrennung'],
    ['zero\u200bwidth\ufeff space', 'zerowidth space'],
    ['word\u2060joiner', 'wordjoiner'],
    ['Ada\u{e0001}', 'Ada'],
    ['a\u{e0067}\u{e0062}b', 'ab'],
    ['bell\u0007 and\u001b escape', 'bell and escape'],
    ['two\r\nlines\u2028here', 'two lines here'],
    ['a \u200b b', 'a b'],
    ['ad\ud83d', 'ad\ufffd'],
  ])('of %j invisible and turning characters are taken out', (typed, stored) => {
    expect(DisplayName.parse(typed)).toBe(stored)
    expect(Title.parse(typed)).toBe(stored)
  })

  test.each(['all', 'a11', 'Deleted'])('%s means something else, and is no username', (name) => {
    expect(Username.safeParse(name).success).toBe(false)
  })

  test('a username is folded, and every mistake is told at once', () => {
    expect(Username.parse('ＡDA.Lovelace')).toBe('ada.lovelace')
    expect(Username.safeParse('!').error?.issues).toHaveLength(2)
  })
})

test('one emoji is one of those that are recommended for interchange', () => {
  for (const emoji of ['👍', '❤️', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇩🇪', '1️⃣', '👩🏽‍💻'])
    expect(Emoji.safeParse(emoji).success).toBe(true)
  for (const other of ['a', '1', '👍👍', '', '❤', '🇩', '\u200d'])
    expect(Emoji.safeParse(other).success).toBe(false)
})
