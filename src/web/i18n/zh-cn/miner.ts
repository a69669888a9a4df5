// Simplified Chinese: the miner.

import type { minerEn } from '../en/miner.ts';

/** See i18n/messages.ts. */
export const minerZh: typeof minerEn = {
  title: '挖矿',
  lead: '矿工们竞争书写下一页的权利。你的机会等于你在全部算力中所占的份额。',
  turnOn: '用本机挖矿',
  share: '本机份额',
  shareHelp: '矿工可以占用多少计算时间。试一试的话，少量即可。',
  shareValue: (percent: string): string => `${percent} 的时间`,
  address: '奖励付给',
  addressHelp: '你钱包的一个地址。没有的话，请先创建钱包。',
  addressNeeded: '矿工需要一个接收奖励的地址。',
  toWallet: '前往钱包',
  save: '保存',
  hashRate: '算力',
  hashRateNow: '当前每秒尝试次数',
  hashRateChart: '打开本页以来的算力',
  hashRateEmpty: '开始挖矿后出现曲线。',
  chartSummary: (rate: string): string => `本矿工的算力。当前 ${rate}。`,
  attempts: (count: string): string => `自节点启动以来尝试了 ${count} 次`,
  nextHeight: '正在寻找区块',
  reward: '可得奖励',
  expected: '预计时间',
  expectedHelp: '平均值。运气没有记忆：无论已等多久，预计时间都一样。',
  expectedNever: '关闭时不会有',
  pagesWon: '赢得的页',
  pagesWonList: '你赢得的页',
  pagesWonEmpty: '还没有赢得任何一页。第一页会出现在这里。',
  yourShare: '你占全部算力的份额',
  networkRate: '全体矿工合计',
  strip: '尝试与目标值',
  stripHelp:
    '哈希是一个 256 位的数。当它开头有足够多的零、低于目标值时，这次尝试就赢了。每向右一步就多一个零，也稀少一倍。',
  stripTarget: (bits: string): string => `目标：${bits} 个零`,
  stripBest: (bits: string | null): string => `目前最好：${bits === null ? '还没有' : `${bits} 个零`}`,
  stripTried: (count: string): string => `为这一页已尝试 ${count} 次`,
  stripSummary: (target: string, best: string): string =>
    `目标要求 ${target} 个前导零位。目前最好的尝试有 ${best} 个。`,
  oneIn: (count: string): string => `每 ${count} 个哈希中有一个胜出`,
  changeAddress: '更改',
  useWallet: (name: string): string => (name === '' ? '使用我的钱包' : `使用钱包 “${name}”`),
  rewardLabel: '挖矿奖励',
};
