// Every judge of the project, in the order in which they are asked: the first that recognises a file judges it, companions
// judge besides. A judge module in judges/ exports `judges` and is listed here.

import type { Judge } from './judge.ts';
import { judges as addressJudges } from './judges/addresses.ts';
import { judges as aeadJudges } from './judges/aead.ts';
import { judges as asmapJudges } from './judges/asmap.ts';
import { judges as bitcoinUtilJudges } from './judges/bitcoin-util.ts';
import { judges as bitcoinjsJudges } from './judges/bitcoinjs.ts';
import { judges as blockJudges } from './judges/blocks.ts';
import { judges as descriptorJudges } from './judges/descriptors.ts';
import { judges as filterJudges } from './judges/filters.ts';
import { judges as hashJudges } from './judges/hashes.ts';
import { judges as headerJudges } from './judges/headers.ts';
import { judges as messageJudges } from './judges/messages.ts';
import { judges as musigJudges } from './judges/musig.ts';
import { judges as proofJudges } from './judges/proofs.ts';
import { judges as psbtJudges } from './judges/psbt.ts';
import { judges as roundtripJudges } from './judges/roundtrip.ts';
import { judges as scriptJudges } from './judges/script.ts';
import { judges as scriptFormJudges } from './judges/script-forms.ts';
import { judges as secpJudges } from './judges/secp.ts';
import { judges as sighashJudges } from './judges/sighash.ts';
import { judges as transportJudges } from './judges/transport.ts';
import { judges as wycheproofSecpJudges } from './judges/wycheproof-secp.ts';

/** Asked from first to last. */
export const JUDGES: readonly Judge[] = [
  ...scriptJudges,
  ...sighashJudges,
  ...scriptFormJudges,
  ...secpJudges,
  ...wycheproofSecpJudges,
  ...addressJudges,
  ...bitcoinUtilJudges,
  ...descriptorJudges,
  ...musigJudges,
  ...bitcoinjsJudges,
  ...hashJudges,
  ...filterJudges,
  ...proofJudges,
  ...messageJudges,
  ...blockJudges,
  ...headerJudges,
  ...psbtJudges,
  ...aeadJudges,
  ...asmapJudges,
  ...transportJudges,
  ...roundtripJudges,
];
