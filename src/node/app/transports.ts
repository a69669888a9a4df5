// Which form the stream of a connection takes: encrypted where we can and the other side may (BIP324), plain otherwise. Mirrors Core's
// MakeTransport.

import type { Encryption } from '../ports.ts';
import { createHandshakeKeys } from '../wire/handshake-keys.ts';
import type { Transport } from '../wire/transport.ts';
import { TransportV1 } from '../wire/transport-v1.ts';
import { TransportV2 } from '../wire/transport-v2.ts';

/** Makes the ends of connections of one network. */
export class Transports {
  readonly #magic: Uint8Array;
  readonly #encryption: Encryption | null;

  /** Without `encryption` everything is plain. */
  constructor(magic: Uint8Array, encryption: Encryption | null) {
    this.#magic = magic;
    this.#encryption = encryption;
  }

  /** The end of a connection that somebody made to us: what he sends first tells whether he encrypts. */
  createInbound(): Transport {
    return this.#encryption === null ? new TransportV1(this.#magic) : this.#createV2(this.#encryption, false);
  }

  /** The end of a connection that we made. */
  createOutbound(wantsEncryption: boolean): Transport {
    if (this.#encryption === null || !wantsEncryption) return new TransportV1(this.#magic);
    return this.#createV2(this.#encryption, true);
  }

  #createV2({ secp, aead, secureRandom }: Encryption, isInitiator: boolean): Transport {
    return new TransportV2({
      magic: this.#magic,
      isInitiator,
      secp,
      aead,
      createKeys: () => createHandshakeKeys(secp, secureRandom),
    });
  }
}
