export { CollectWorkflow } from './collect.ts';
export { ReconcileWorkflow } from './reconcile.ts';
export { TradeWorkflow } from './trade.ts';
