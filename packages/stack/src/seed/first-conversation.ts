/** What Ada and Grace said to each other. The ids stand here so that a start cut short says nothing twice. */
export const firstConversation: readonly { id: string; from: 'ada' | 'grace'; text: string }[] = [
  { id: '019b76da-a800-7000-8000-0000000000a1', from: 'ada', text: 'Hi Grace! Is this thing on?' },
  {
    id: '019b76da-a800-7000-8000-0000000000a2',
    from: 'grace',
    text: 'Loud and clear. Nice place you have here.',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a3',
    from: 'ada',
    text: 'Thank you! It runs on my own machine: three services, one database each, and nobody else’s cloud.',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a4',
    from: 'grace',
    text: 'And if I close the lid in the middle of a sentence?',
  },
  {
    id: '019b76da-a800-7000-8000-0000000000a5',
    from: 'ada',
    text: 'Then it waits on your device and goes out by itself when you are back. Once, and in order.',
  },
  { id: '019b76da-a800-7000-8000-0000000000a6', from: 'grace', text: 'You had me at “in order” 🙂' },
  { id: '019b76da-a800-7000-8000-0000000000a7', from: 'ada', text: 'Tea at four?' },
  { id: '019b76da-a800-7000-8000-0000000000a8', from: 'grace', text: 'Tea at four. I’ll bring the moth.' },
]
