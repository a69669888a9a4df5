// The RPC server in the life of the program: it listens from the beginning, says what the program is doing until the node is there,
// and is the last to be told that it is over (Core AppInitServers, StopRPC).

import { basename, dirname, resolve } from 'node:path';
import { ALL_METHODS, METHODS_WITHOUT_WALLETS } from '../api/all-methods.ts';
import type { RpcHost } from '../api/context.ts';
import { ExternalSigners } from '../api/external-signer.ts';
import { OneByOne } from '../api/one-by-one.ts';
import type { MethodTable } from '../api/schema.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { NamedPipe } from '../platform/node/named-pipe.ts';
import { runProgram } from '../platform/node/run-program.ts';
import { openScratchStore } from '../platform/node/scratch-store.ts';
import { createApp, createEventLog, type RunningApp } from './create-app.ts';
import { EventDoor } from './event-door.ts';
import { RpcCalls } from './rpc-calls.ts';
import type { RpcRun, RpcSubject } from './rpc-run.ts';
import { RpcServer } from './rpc-server.ts';
import { readRpcOptions } from './rpc-settings.ts';
import { isWalletDisabled } from './run-wallets.ts';
import { RunningWeb } from './run-web.ts';
import { readVersion } from './version.ts';
import { readWebOptions } from './web-options.ts';

/** A server as the rest of the program sees it. */
export interface RpcDoor {
  /** Says what the program is doing, to callers that come too early. */
  setStatus(status: string): void;
  /** From now on methods are called. */
  open(subject: RpcSubject): void;
}

/** A door that leads nowhere (-server=0, and no app). */
const CLOSED_DOOR: RpcDoor = Object.freeze({ setStatus() {}, open() {} });

/** Runs the servers for programs and for browsers around `body`. */
export async function withRpc<T>(run: RpcRun, body: (door: RpcDoor) => Promise<T>): Promise<T> {
  const { settings, params, folder, log } = run;
  const options = readRpcOptions(settings, params, folder);
  const webOptions = readWebOptions(settings);
  if (options === null && webOptions === null) return body(CLOSED_DOOR);
  const methods = isWalletDisabled(settings) ? METHODS_WITHOUT_WALLETS : ALL_METHODS;
  const calls = new RpcCalls(methods, log, options?.checksResults ?? false);
  const events = new EventDoor();
  const server = options === null ? null : await RpcServer.start(options, methods, log, calls, events);
  let web: RunningWeb | null = null;
  let app: RunningApp | null = null;
  try {
    const rpcPort = options?.places[0]?.port ?? null;
    if (webOptions !== null) web = await RunningWeb.start({ ...run, options: webOptions, calls, events, rpcPort });
    return await body({
      setStatus: (status) => calls.dispatcher.setWarmupStatus(status),
      open: (subject) => {
        app = openDispatcher(run, { calls, events, web }, methods, subject);
        run.app?.onReady();
      },
    });
  } finally {
    await (app as RunningApp | null)?.close();
    events.close();
    await web?.close();
    await server?.close();
  }
}

/** What calls and events come in by. */
interface Doors {
  readonly calls: RpcCalls;
  readonly events: EventDoor;
  readonly web: RunningWeb | null;
}

function openDispatcher(
  run: RpcRun,
  { calls, events, web }: Doors,
  methods: MethodTable,
  subject: RpcSubject,
): RunningApp | null {
  const { dispatcher } = calls;
  const log = createEventLog(run, subject);
  log.followWallets(subject.walletEvents);
  const app = web === null ? null : createApp(run, subject, web, log);
  dispatcher.open({
    ...subject,
    walletName: null,
    params: run.params,
    clock: run.clock,
    timers: run.timers,
    host: describeHost(run),
    methods,
    blockReads: new OneByOne(),
    activeCalls: () => dispatcher.activeCalls,
    events: log,
    ...createSigners(run),
    ...(app === null ? {} : { app: app.ports }),
  });
  events.open(log);
  // The ledger that events tell of is closed soon after, and further nodes take their time to stop.
  void run.stop.wait().then(() => {
    log.close();
    void app?.close();
  });
  return app;
}

/** The program of -signer, if there is one. */
function createSigners({ settings, params, stop }: RpcRun): { readonly signers?: ExternalSigners } {
  const command = settings.getText('signer') ?? '';
  if (command === '') return {};
  const ending = new AbortController();
  void stop.wait().then(() => ending.abort());
  const run = (words: readonly string[], input: string) => runProgram(words, input, ending.signal);
  return { signers: new ExternalSigners(command, params.name, run) };
}

function describeHost(run: RpcRun): RpcHost {
  const { stop, folder, logPath, logSwitches, isPruned, pruneTargetBytes, coinsStoreCacheBytes, warnings } = run;
  return {
    version: readVersion(),
    logPath,
    log: logSwitches,
    hostMs: () => performance.now(),
    uptimeSec: () => Math.floor(process.uptime()),
    isPruned,
    pruneTargetBytes,
    coinsStoreCacheBytes,
    warnings,
    deprecated: new Set(run.settings.getAll('deprecatedrpc')),
    pathOf: (name) => resolve(folder, name),
    locate: (path) => ({ folder: new NodeFolder(dirname(resolve(path))), name: basename(path) }),
    openPipe: (path) => NamedPipe.open(path, { isStopping: () => stop.isMade, whenStopping: () => stop.wait() }),
    openScratch: () => openScratchStore(folder, 'rollback-'),
    isStopping: () => stop.isMade,
    whenStopping: () => stop.wait(),
    stop: () => stop.make('rpc'),
  };
}
