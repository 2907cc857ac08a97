export { CollectWorkflow } from './collect.ts';
