import { sql } from 'kysely';
import { ORDER_TRANSITIONS } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';

/** Makes `order_transitions`, which the trigger on `orders` obeys, say exactly what strategy/order-states.ts says. */
export async function syncOrderTransitions(db: Db): Promise<void> {
  const from = ORDER_TRANSITIONS.map((edge) => edge.from);
  const to = ORDER_TRANSITIONS.map((edge) => edge.to);
  await sql`
    WITH wanted AS (
      SELECT * FROM unnest(${from}::text[], ${to}::text[]) AS t (from_status, to_status)
    ), removed AS (
      DELETE FROM order_transitions t WHERE NOT EXISTS (
        SELECT FROM wanted w WHERE (w.from_status, w.to_status) = (t.from_status, t.to_status))
    )
    INSERT INTO order_transitions (from_status, to_status)
    SELECT from_status, to_status FROM wanted ON CONFLICT DO NOTHING`.execute(db);
}
