// Every network there is, held to the suite of the port.

import { setTimeout as delay } from 'node:timers/promises';
import { TcpNetwork } from '../../src/platform/node/tcp-network.ts';
import { runNetworkSuite } from './network.ts';

runNetworkSuite({
  name: 'TCP',
  host: '127.0.0.1',
  open: () => ({ network: new TcpNetwork(), close: async () => undefined }),
  settle: () => delay(2),
});
