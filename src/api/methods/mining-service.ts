// What methods of mining have in common: the service that makes blocks, and the branch below a template.

import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import type { MiningService } from '../../node/app/mining-service.ts';
import type { TemplateChain } from '../../node/mining/assembler.ts';
import type { BlockTemplate } from '../../node/mining/block-template.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';

/** The service; throws where the program makes no blocks (Core EnsureMining). */
export function requireMining({ mining }: RpcContext): MiningService {
  if (mining !== null) return mining;
  throw new RpcError(RPC_CODE.INTERNAL_ERROR, 'Node miner not found');
}

/** The chain that a template was made for, whatever the tip is by now. */
export function chainOfTemplate(context: RpcContext, template: BlockTemplate): TemplateChain {
  const { index, active } = context.chain;
  const parent = index.find(template.previousBlockHash);
  return { ...requireMining(context).nextBlockChain(), branch: new IndexBranch(index, active).moveTo(parent) };
}
