// What `tally up` says, in English and in Chinese: a person who sees it for the first time reads what to do next.

import type { AppPlace } from './app-run.ts';

/** What the banner tells. */
export interface BannerFacts {
  readonly version: string;
  readonly network: string;
  readonly folder: string;
  readonly place: AppPlace;
  /** Other machines can connect from the beginning. */
  readonly isOpen: boolean;
}

/** What is printed once the app can be reached. */
export function formatBanner({ version, network, folder, place, isOpen }: BannerFacts): string {
  const lines = [
    '',
    `  Tallystick ${version} · ledger "${network}"`,
    `  符木账本 ${version} · 账本“${network}”`,
    '',
    '  Open this link in a browser. It lets one browser in, once, within ten minutes.',
    '  请在浏览器中打开此链接：仅可使用一次，十分钟内有效。',
    '',
    `      ${place.link}`,
    '',
    ...(place.otherLink === null
      ? []
      : ['  From another device: / 从其他设备访问：', '', `      ${place.otherLink}`, '']),
    ...(place.isOtherPort
      ? [
          `  The usual port was taken: the app is at port ${place.port}.`,
          `  默认端口已被占用，改用端口 ${place.port}。`,
          '',
        ]
      : []),
    `  Your books / 数据目录:        ${folder}`,
    '  Another link / 获取新链接:    npm start -- --link',
    '  Stop / 停止:                  Ctrl-C',
    '',
    ...(isOpen
      ? []
      : [
          '  No other machine can connect yet: open the door on the page "Network".',
          '  目前其他电脑无法连接；可在“网络”页面中开放。',
          '',
        ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is printed when a node runs already. */
export function formatRunning(folder: string, link: string): string {
  return [
    '',
    `  A node runs already, with its books in ${folder}. A fresh link to it:`,
    `  已有节点正在使用 ${folder}。新的登录链接：`,
    '',
    `      ${link}`,
    '',
    '',
  ].join('\n');
}

/** What is said when a link is wanted and there is nothing that it could lead to. */
export function formatNotRunning(folder: string): string {
  return (
    `No node with an app runs with its books in ${folder}. Start one with: npm start\n` +
    `没有节点正在使用 ${folder}。请先启动：npm start`
  );
}

/** The help of the command. */
export const UP_HELP = `Usage: tally up [options]

Starts a node with wallet, miner and open books in the browser, on the ledger
"local" of this machine unless another is chosen, with its data in ~/.tallystick.
It listens for browsers of this machine alone, and for no other node, until it
is told otherwise. Ctrl-C stops it in order.

启动一个节点，并在浏览器中提供钱包、挖矿与公开账本。默认使用本机账本“local”。

  --link
       Print a fresh login link to the app of the node that runs already.

  --open
       Open the link in the browser of this machine.

Every option of tallyd is taken, too: see tallyd --help. Some that go with it:

  -webport=<port>        Another port for the app than 8339.
  -addnode=<ip>          Join the ledger that a node at this address keeps.
  -bind=0.0.0.0          Listen for other nodes from the beginning.
  -datadir=<dir>         Another data folder; it must exist.
  -chain=<name>          Another ledger.
`;
