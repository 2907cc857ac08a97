export { CollectWorkflow } from './collect.ts';
export { OptimizeWorkflow } from './optimize.ts';
export { ReconcileWorkflow } from './reconcile.ts';
export { TradeWorkflow } from './trade.ts';
