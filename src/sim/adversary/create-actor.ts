// Makes the hostile peer of a name. A new one is added here and in kinds.ts.

import { unreachable } from '../../kernel/util/assert.ts';
import { type Actor, type ActorParts, type ActorScript, ScriptedActor } from './actor.ts';
import { AddrFlood } from './addr-flood.ts';
import { BadBlock } from './bad-block.ts';
import { Eclipse } from './eclipse.ts';
import { InvFlood } from './inv-flood.ts';
import type { AdversaryKind } from './kinds.ts';
import { LowWorkHeaders } from './low-work-headers.ts';
import { Staller } from './staller.ts';
import { TxStaller } from './tx-staller.ts';

/** Hosts that an actor of a kind has. */
export function countHosts(kind: AdversaryKind): number {
  return kind === 'eclipse' ? 12 : 1;
}

/** A hostile peer, not yet started. */
export function createActor(kind: AdversaryKind, parts: ActorParts): Actor {
  return new ScriptedActor(kind, parts, (actor) => createScript(kind, actor));
}

function createScript(kind: AdversaryKind, actor: ScriptedActor): ActorScript {
  switch (kind) {
    case 'low-work-headers':
      return new LowWorkHeaders(actor);
    case 'staller':
      return new Staller(actor);
    case 'inv-flood':
      return new InvFlood(actor);
    case 'addr-flood':
      return new AddrFlood(actor);
    case 'bad-block':
      return new BadBlock(actor);
    case 'eclipse':
      return new Eclipse(actor);
    case 'tx-staller':
      return new TxStaller(actor);
    default:
      return unreachable(kind);
  }
}
