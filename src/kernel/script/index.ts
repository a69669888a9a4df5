// tallystick/script: the script machine, whole or step by step, signature hashes, output templates and taproot trees.

export type { ScriptFlagName } from './flags.ts';
export {
  formatScriptFlags,
  isValidFlagCombination,
  MANDATORY_SCRIPT_VERIFY_FLAGS,
  parseScriptFlags,
  SCRIPT_VERIFY,
  STANDARD_SCRIPT_VERIFY_FLAGS,
} from './flags.ts';
export { OP, opName } from './opcodes.ts';
export {
  createMultisig,
  createP2pk,
  createP2pkh,
  createP2sh,
  createWitnessProgram,
  encodeNumberPush,
  ScriptBuilder,
} from './script-builder.ts';
export type { ScriptError } from './script-error.ts';
export { SCRIPT_ERRORS, scriptErrorMessage } from './script-error.ts';
export type { ScriptFormatOptions } from './script-format.ts';
export { formatScript } from './script-format.ts';
export { decodeScriptNumber, encodeScriptNumber } from './script-number.ts';
export type { SignatureCacheOptions } from './sig-cache.ts';
export { SignatureCache } from './sig-cache.ts';
export { NO_CODE_SEPARATOR, SighashContext } from './sighash.ts';
export { SIGHASH } from './sighash-type.ts';
export { countSigops } from './sigops.ts';
export type { MultisigTemplate, OutputTemplate, OutputType } from './solver.ts';
export { classifyOutput, solveOutput } from './solver.ts';
export type { OperationView, ScriptView, StepperInput, StepVerdict } from './stepper.ts';
export { ScriptStepper } from './stepper.ts';
export type { TapLeaf, TapLeafProof, TaprootOutput, TapSubtree } from './taproot-builder.ts';
export { createTaprootOutput } from './taproot-builder.ts';
export type { InputVerifierOptions } from './verify.ts';
export { InputVerifier } from './verify.ts';
