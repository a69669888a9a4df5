// English: the miner.

import { counted } from './counted.ts';

/** See i18n/messages.ts. */
export const minerEn = {
  title: 'Miner',
  lead: 'Miners compete for the right to write the next page. Your chance is your share of the computing power of all.',
  turnOn: 'Mine on this machine',
  share: 'Share of this machine',
  shareHelp: 'How much of its time the miner may compute. Little is enough to try it out.',
  shareValue: (percent: string): string => `${percent} of the time`,
  address: 'Rewards go to',
  addressHelp: 'An address of your wallet. Without one, create a wallet first.',
  addressNeeded: 'The miner needs an address for its rewards.',
  toWallet: 'To the wallet',
  save: 'Save',
  hashRate: 'Hash rate',
  hashRateNow: 'Attempts per second now',
  hashRateChart: 'Hash rate since this page was opened',
  hashRateEmpty: 'The line begins when the miner runs.',
  chartSummary: (rate: string): string => `Hash rate of this miner. Now ${rate}.`,
  attempts: (count: string): string => `${counted(count, 'attempt')} since the node started`,
  nextHeight: 'Searching for block',
  reward: 'It would pay',
  expected: 'Expected time',
  expectedHelp: 'On average. Luck has no memory: after any wait the expected time is the same.',
  expectedNever: 'not while off',
  pagesWon: 'Pages won',
  pagesWonList: 'Pages that you won',
  pagesWonEmpty: 'No page won yet. The first one appears here.',
  yourShare: 'Your share of all power',
  networkRate: 'All miners together',
  strip: 'Attempts against the target',
  stripHelp:
    'A hash is a number of 256 bits. An attempt wins when its number begins with enough zeros to lie below the target. Each step to the right is one more leading zero, and twice as rare.',
  stripTarget: (bits: string): string => `Target: ${counted(bits, 'zero')}`,
  stripBest: (bits: string | null): string => `Best so far: ${bits === null ? 'none' : counted(bits, 'zero')}`,
  stripTried: (count: string): string => `${counted(count, 'attempt')} for this page`,
  stripSummary: (target: string, best: string): string =>
    `The target needs ${target} leading zero bits. The best of the attempts so far has ${best}.`,
  oneIn: (count: string): string => `One in ${count} hashes wins`,
  changeAddress: 'Change',
  useWallet: (name: string): string => (name === '' ? 'Use my wallet' : `Use wallet “${name}”`),
  rewardLabel: 'Mining rewards',
};
