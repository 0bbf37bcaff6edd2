import { afterAll, beforeAll, expect, test } from 'vitest'
import { foundTexts, search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

const found = [
  ['the very word', 'meeting', 'Our Meeting is moved'],
  ['any case', 'MEETING', 'our meeting is moved'],
  ['the beginning of a word', 'meet', 'our meetings'],
  ['two letters a word begins with', 'fi', 'see the finch'],
  ['one letter a word begins with', 'z', 'the zebra'],
  ['the inside of a word', 'ringel', 'Kringelbach is a name'],
  ['several words in any order', 'lunch tomorrow', 'Tomorrow we have lunch'],
  ['a phrase', '"see you"', 'Good, see  you then'],
  ['a phrase across words', '"lo wor"', 'hello world'],
  ['without accents what has them', 'cafe', 'At the Café'],
  ['with accents what has none', 'café', 'at the cafe'],
  ['ß as ss', 'strasse', 'In der Straße'],
  ['letters in full width', 'full', 'Ｆｕｌｌ'],
  ['Chinese', '东京', '我明天去东京出差'],
  ['one Chinese character', '京', '我明天去东京出差'],
  ['Japanese, hiragana and katakana alike', 'らーめん', '今日はラーメンを食べた'],
  ['Korean', '서울', '내일 서울에서 만나요'],
  ['one Korean syllable', '울', '내일 서울에서 만나요'],
  ['Thai', 'ไทย', 'ภาษาไทยง่าย'],
  ['Arabic without its vowel signs', 'محمد', 'قال مُحَمَّد نعم'],
  ['Hindi', 'नमस्ते', 'नमस्ते दुनिया'],
  ['a number', '2024', 'in 2024 we'],
  ['a number inside another', '234', 'call 0123456'],
  ['a decimal', '3.14', 'pi is 3.14159'],
  ['an address', 'example.com/a-b', 'see https://example.com/a-b?c=d'],
  ['a part of an address', 'xample.com', 'see https://example.com/a-b?c=d'],
  ['a name as it is mentioned', '@bob', 'thanks, @bob!'],
  ['a channel', '#general', 'go to #general'],
  ['a programming language', 'c++', 'written in C++'],
  ['another', 'C#', 'written in C# mostly'],
  ['an e-mail address', 'ann@example.org', 'write to Ann@Example.org.'],
  ['an apostrophe of any kind', "don't", 'I don’t know'],
  ['an emoji', '🎉', 'done 🎉🎉'],
  ['an emoji of any colour', '👍', 'ok 👍🏽'],
  ['a word with a full stop after it', 'moved.', 'it is moved, I think'],
  ['an amount', '$100', 'it costs $100'],
  ['a fraction', '½', 'add ½ cup'],
  ['letters that stand for words', 'ﷺ', 'قال النبي ﷺ نعم'],
  ['a snake', 'snake_case', 'use snake_case here'],
  ['something over two lines', '"first second"', 'first\nsecond'],
] as const
const forms = [
  ['en', 'running', 'We were in the park and she runs there', 'We were in the park and it rains there'],
  ['en', 'parties', 'there is a party at the house', 'there is a part of the house'],
  ['de', 'Häuser', 'das ist ein Haus und wir sind da', 'das ist ein Hund und wir sind da'],
  ['de', 'arbeitet', 'wir haben nicht gearbeitet, aber ich arbeite', 'wir haben nicht geschlafen'],
  ['fr', 'chantait', 'nous avons des choses à chanter', 'nous avons des choses à vendre'],
  ['es', 'canciones', 'esta es la canción que te gusta', 'esta es la casa que te gusta'],
  ['pt', 'trabalhando', 'eles não querem trabalhar com você', 'eles não querem dormir com você'],
  ['it', 'mangiato', 'noi non vogliamo mangiare con loro', 'noi non vogliamo dormire con loro'],
  ['nl', 'boeken', 'ik heb een boek en dat is goed', 'ik heb een auto en dat is goed'],
  ['ru', 'книгами', 'я читаю хорошую книгу', 'я читаю хорошую газету'],
  ['sv', 'bilarna', 'jag har en bil och det är bra', 'jag har en hund och det är bra'],
] as const
const missed = [
  ['every word must be there', 'lunch today', 'lunch tomorrow'],
  ['a phrase keeps its order', '"you see"', 'see you'],
  ['two letters inside a word are not looked for', 'ee', 'see'],
  ['the forms of one language do not make words of another', 'news', 'the new house is here and there'],
  ['nothing but punctuation is nothing', '!?...', 'what!?...'],
  ['patterns are plain text', '%', 'no'],
  ['patterns are plain text', 'a_c', 'abc'],
  ['patterns are plain text', '.*', 'abc'],
] as const
const shown: [q: string, text: string, parts: string[]][] = [
  ['meeting', 'A Meeting, two meetings', ['Meeting', 'meetings']],
  ['ringel', 'Kringelbach', ['ringel']],
  ['fi', 'Fine, a finch', ['Fi', 'fi']],
  ['cafe', 'Le Café, cafés', ['Café', 'cafés']],
  ['running', 'she runs in the park and is running', ['runs', 'running']],
  ['lunch tom', 'Tomorrow, lunch!', ['Tom', 'lunch']],
  ['京', '东京和北京', ['京', '京']],
  ['strasse', 'Die Straße.', ['Straße']],
  ['👍', '😀 ok 👍🏽', ['👍🏽']],
  ['"see you"', 'see\n\nyou', ['see\n\nyou']],
  ['fi', 'the ﬁnch', ['ﬁ']],
  ['كريم', 'سلام کریم', ['کریم']],
  ['2026', 'سال ۲۰۲۶', ['۲۰۲۶']],
  ['高橋', '髙橋さん', ['髙橋']],
  ['ガム', 'ｶﾞﾑ', ['ｶﾞﾑ']],
  ['फिल्म', 'फ़िल्म', ['फ़िल्म']],
  ['@bob', 'hi @bob', ['@bob']],
]

let messages: TestMessages
let bob: Person
/** Every text is said in a group of its own, before anything is looked for. */
const chats = new Map<string, string>()

beforeAll(async () => {
  messages = await startTestMessages()
  const alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  const said = [
    ...found.map(([, , text]) => ['nothing of it', text]),
    ...forms.map(([, , text, other]) => [other, text]),
    ...missed.map(([, , text]) => [text]),
    ...shown.map(([, text]) => [text]),
  ]
  await Promise.all(
    said.map(async (texts) => {
      const { id } = await messages.group(alice, [bob])
      for (const text of texts) await alice.say(id, text)
      chats.set(texts.at(-1) ?? '', id)
    }),
  )
  await untilIndexed(messages.node)
})
afterAll(() => messages[Symbol.asyncDispose]())

const inItsChat = (q: string, text: string) => ({ q, conversationId: chats.get(text) ?? '' })

test.each(found)('%s is found: %s in %s', async (_, q, text) => {
  expect(await foundTexts(bob, inItsChat(q, text))).toEqual([text])
})

test.each(forms)('other forms of a word are found (%s): %s in %s', async (_, q, text) => {
  expect(await foundTexts(bob, inItsChat(q, text))).toEqual([text])
})

test.each(missed)('%s: %s not in %s', async (_, q, text) => {
  expect(await foundTexts(bob, inItsChat(q, text))).toEqual([])
})

test.each(shown)('%s in %s is shown at %j', async (q, text, parts) => {
  const { items } = await search(bob, inItsChat(q, text))
  expect(items[0]?.highlights.map(({ start, end }) => text.slice(start, end))).toEqual(parts)
})
