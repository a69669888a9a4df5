import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { parseWif } from '../keys/wif.ts';
import { combinePsbts } from './combine.ts';
import { decodePsbt } from './decode.ts';
import { encodePsbt } from './encode.ts';
import { fillPsbt } from './fill.ts';
import { finalizePsbt } from './finalize.ts';
import type { Psbt } from './psbt.ts';

/** The PSBT of BIP174 that goes to two signers: a multisig behind a script hash, and one behind a program behind a script hash. */
const UPDATED =
  'cHNidP8BAJoCAAAAAljoeiG1ba8MI76OcHBFbDNvfLqlyHV5JPVFiHuyq911AAAAAAD/////g40EJ9DsZQpoqka7CwmK6kQiwHGyyng1Kgd5Wd' +
  'B86h0BAAAAAP////8CcKrwCAAAAAAWABTYXCtx0AYLCcmIauuBXlCZHdoSTQDh9QUAAAAAFgAUAK6pouXw+HaliN9VRuh0LR2HAI8AAAAAAAEA' +
  'uwIAAAABqtc5MQGL0l+ErkALaISL4J23BurCrBgpi6vucatlb4sAAAAASEcwRAIgWPb8fGoz4bMVSNSByCbAFb0wE1qtQs1neQ2rZtKtJDsCIE' +
  'oc7SYExnNbY5PltBaR3XiwDwxZQvufdRhW+qk4FX26Af7///8CgPD6AgAAAAAXqRQPuUY0IWlrgsgzryQceMF9295JNIfQ8gonAQAAABepFCnK' +
  'dPigj4GZlCgYXJe12FLkBj9hh2UAAAABBEdSIQKVg785rgpgl0etGZrd1jT6YQhVnWxc05tMIYPxq5bgfyEC2rYf9JoU22p9ArDNH7t4/EsYMS' +
  'tbTlTa5Nui+/71NtdSriIGApWDvzmuCmCXR60Zmt3WNPphCFWdbFzTm0whg/GrluB/ENkMak8AAACAAAAAgAAAAIAiBgLath/0mhTban0CsM0f' +
  'u3j8SxgxK1tOVNrk26L7/vU21xDZDGpPAAAAgAAAAIABAACAAQMEAQAAAAABASAAwusLAAAAABepFLf1+vQOPUClpFmx2zU18rcvqSHohwEEIg' +
  'AgjCNTFzdDtZXftKB7crqOQuN5fadOh/59nXSX47ICiQMBBUdSIQMIncEMesbbVPkTKa9hczPbOIzq0MIx9yM3nRuZAwsC3CECOt2QTz1tz1nd' +
  'uQaw3uI1Kbf/ue1Q5ehhUZJoYCIfDnNSriIGAjrdkE89bc9Z3bkGsN7iNSm3/7ntUOXoYVGSaGAiHw5zENkMak8AAACAAAAAgAMAAIAiBgMInc' +
  'EMesbbVPkTKa9hczPbOIzq0MIx9yM3nRuZAwsC3BDZDGpPAAAAgAAAAIACAACAAQMEAQAAAAAiAgOppMN/WZbTqiXbrGtXCvBlA5RJKUJGCzVH' +
  'U+2e7KWHcRDZDGpPAAAAgAAAAIAEAACAACICAn9jmXV9Lv9VoTatAsaEsYOLZVbl8bazQoKpS2tQBRCWENkMak8AAACAAAAAgAUAAIAA';

/** Both signatures of each input, as BIP174 gives them to the finalizer. */
const COMBINED =
  'cHNidP8BAJoCAAAAAljoeiG1ba8MI76OcHBFbDNvfLqlyHV5JPVFiHuyq911AAAAAAD/////g40EJ9DsZQpoqka7CwmK6kQiwHGyyng1Kgd5Wd' +
  'B86h0BAAAAAP////8CcKrwCAAAAAAWABTYXCtx0AYLCcmIauuBXlCZHdoSTQDh9QUAAAAAFgAUAK6pouXw+HaliN9VRuh0LR2HAI8AAAAAAAEA' +
  'uwIAAAABqtc5MQGL0l+ErkALaISL4J23BurCrBgpi6vucatlb4sAAAAASEcwRAIgWPb8fGoz4bMVSNSByCbAFb0wE1qtQs1neQ2rZtKtJDsCIE' +
  'oc7SYExnNbY5PltBaR3XiwDwxZQvufdRhW+qk4FX26Af7///8CgPD6AgAAAAAXqRQPuUY0IWlrgsgzryQceMF9295JNIfQ8gonAQAAABepFCnK' +
  'dPigj4GZlCgYXJe12FLkBj9hh2UAAAAiAgKVg785rgpgl0etGZrd1jT6YQhVnWxc05tMIYPxq5bgf0cwRAIgdAGK1BgAl7hzMjwAFXILNoTMgS' +
  'OJEEjn282bVa1nnJkCIHPTabdA4+tT3O+jOCPIBwUUylWn3ZVE8VfBZ5EyYRGMASICAtq2H/SaFNtqfQKwzR+7ePxLGDErW05U2uTbovv+9TbX' +
  'SDBFAiEA9hA4swjcHahlo0hSdG8BV3KTQgjG0kRUOTzZm98iF3cCIAVuZ1pnWm0KArhbFOXikHTYolqbV2C+ooFvZhkQoAbqAQEDBAEAAAABBE' +
  'dSIQKVg785rgpgl0etGZrd1jT6YQhVnWxc05tMIYPxq5bgfyEC2rYf9JoU22p9ArDNH7t4/EsYMStbTlTa5Nui+/71NtdSriIGApWDvzmuCmCX' +
  'R60Zmt3WNPphCFWdbFzTm0whg/GrluB/ENkMak8AAACAAAAAgAAAAIAiBgLath/0mhTban0CsM0fu3j8SxgxK1tOVNrk26L7/vU21xDZDGpPAA' +
  'AAgAAAAIABAACAAAEBIADC6wsAAAAAF6kUt/X69A49QKWkWbHbNTXyty+pIeiHIgIDCJ3BDHrG21T5EymvYXMz2ziM6tDCMfcjN50bmQMLAtxH' +
  'MEQCIGLrelVhB6fHP0WsSrWh3d9vcHX7EnWWmn84Pv/3hLyyAiAMBdu3Rw2/LwhVfdNWxzJcHtMJE+mWzThAlF2xIijaXwEiAgI63ZBPPW3PWd' +
  '25BrDe4jUpt/+57VDl6GFRkmhgIh8Oc0cwRAIgZfRbpZmLWaJ//hp77QFq8fH5DVSzqo90UKpfVqJRA70CIH9yRwOtHtuWaAsoS1bU/8uI9/t1' +
  'nqu+CKow8puFE4PSAQEDBAEAAAABBCIAIIwjUxc3Q7WV37Sge3K6jkLjeX2nTof+fZ10l+OyAokDAQVHUiEDCJ3BDHrG21T5EymvYXMz2ziM6t' +
  'DCMfcjN50bmQMLAtwhAjrdkE89bc9Z3bkGsN7iNSm3/7ntUOXoYVGSaGAiHw5zUq4iBgI63ZBPPW3PWd25BrDe4jUpt/+57VDl6GFRkmhgIh8O' +
  'cxDZDGpPAAAAgAAAAIADAACAIgYDCJ3BDHrG21T5EymvYXMz2ziM6tDCMfcjN50bmQMLAtwQ2QxqTwAAAIAAAACAAgAAgAAiAgOppMN/WZbTqi' +
  'XbrGtXCvBlA5RJKUJGCzVHU+2e7KWHcRDZDGpPAAAAgAAAAIAEAACAACICAn9jmXV9Lv9VoTatAsaEsYOLZVbl8bazQoKpS2tQBRCWENkMak8A' +
  'AACAAAAAgAUAAIAA';

/** The private keys of each signer, and the SHA-256 of the text of what the signer answers. */
const SIGNERS = [
  {
    keys: [
      'cP53pDbR5WtAD8dYAW9hhTjuvvTVaEiQBdrz9XPrgLBeRFiyCbQr',
      'cR6SXDoyfQrcp4piaiHE97Rsgta9mNhGTen9XeonVgwsh4iSgw6d',
    ],
    answer: '08c270801731654d253bcf1183d6ff207234594f8c1c60ec17c24b025f4a8b6a',
  },
  {
    keys: [
      'cT7J9YpCwY3AVRFSjN6ukeEeWY6mhpbJPxRaDaP5QTdygQRxP9Au',
      'cNBc3SWUip9PPm1GjRoLEJT6T41iNzCYtD7qro84FMnM5zEqeJsE',
    ],
    answer: '94f0bc193f7073bd40a1d2b76899cfbd5a4f277b4d0506f4d5e9c819250303fb',
  },
] as const;

function read(text: string): Psbt {
  const decoded = decodePsbt(new Uint8Array(Buffer.from(text, 'base64')), secp);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error);
  return decoded.value;
}

function toText(psbt: Psbt): string {
  return Buffer.from(encodePsbt(psbt)).toString('base64');
}

function hashOf(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

test('K12: the walk of BIP174 through signers and combiner gives the same bytes', () => {
  const updated = read(UPDATED);
  const signed = SIGNERS.map(({ keys, answer }) => {
    const ring = new KeyRing();
    for (const text of keys) {
      const key = parseWif(text, 239);
      assert.ok(key.ok);
      ring.addSecret(key.value, secp);
    }
    const options = { signs: true, hashType: 1, finalizes: true, showsOrigins: true };
    const filled = runAllSteps(fillPsbt(updated, ring, options, secp));
    assert.ok(filled.ok);
    assert.equal(hashOf(toText(filled.value.psbt)), answer);
    return filled.value.psbt;
  });
  const combined = combinePsbts(signed)!;
  assert.equal(hashOf(toText(combined)), '13c5d602d1b579908dbdb2d10e23d26310652c5b88671a8dd15ac11c77d21499');
  assert.notEqual(runAllSteps(finalizePsbt(combined, secp)).transaction, null);
});

test('K12: what BIP174 gives to the finalizer becomes the transaction that it names', () => {
  const { psbt, transaction } = runAllSteps(finalizePsbt(read(COMBINED), secp));
  assert.equal(hashOf(toText(psbt)), '42b78ad66b4da01f894187d1e1d5b64da29ba83648d48e56ad793f6b83a3dbf5');
  assert.equal(
    hashOf(toHex(transaction!.serialized())),
    'aa53d9259cc911fd8234c05e8b236168c9db1e4b6ad3f383c3885292448a93ca',
  );
});
