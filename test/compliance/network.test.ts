// Every network there is, held to the suite of the port.

import { setTimeout as delay } from 'node:timers/promises';
import { TcpNetwork } from '../../src/platform/node/tcp-network.ts';
import { MachineLife } from '../../src/sim/machine.ts';
import { SimNet } from '../../src/sim/sim-net.ts';
import { World } from '../../src/sim/world.ts';
import { HOST } from '../sim/hosts.ts';
import { runNetworkSuite } from './network.ts';

runNetworkSuite({
  name: 'TCP',
  host: '127.0.0.1',
  open: () => ({ network: new TcpNetwork(), close: async () => undefined }),
  settle: () => delay(2),
  wait: (promise) => promise,
});

let world = new World(1, HOST);

runNetworkSuite({
  name: 'simulated network',
  host: '20.0.0.1',
  open: () => {
    world = new World(1, HOST);
    const calm = { latencyMinMs: 1, latencyMaxMs: 5, bytesPerSec: 1e8, shredPerMille: 100, refusePerMille: 0 };
    const net = new SimNet(world, calm);
    net.addHost('20.0.0.1', 0);
    return { network: net.powerOn('20.0.0.1', new MachineLife(world, 0)), close: async () => undefined };
  },
  settle: () => world.run(world.nowMs + 20),
  wait: (promise) => world.until(promise, 'the network'),
});
