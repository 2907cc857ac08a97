import type { PGlite } from '@electric-sql/pglite';
import { connectDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { DATABASE_URL } from './bot.ts';
import { createChance } from './chance.ts';
import { Faults } from './faults.ts';
import { inHost } from './host.ts';
import { openPostgres, SharedPostgres } from './postgres.ts';
import { Story } from './story.ts';
import { useServer } from './virtual-socket.ts';
import { useTime, VIRTUAL_START, VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

/** What `strategy/order-states.ts` and the migrations write once. */
const KEPT = ['kysely_migration', 'kysely_migration_lock', 'order_transitions'];

/** PostgreSQL with the newest schema, and what nobody else keeps: every state an order was ever in, every decision as it was made. */
export async function prepareDatabase(): Promise<PGlite> {
  const postgres = await openPostgres();
  const time = new VirtualTime(VIRTUAL_START);
  useTime(time);
  const chance = createChance(0);
  const story = new Story(time);
  const faults = new Faults(time, chance, story, { intensity: 0 });
  useServer(new SharedPostgres(postgres, { time, chance, story, faults } as World));
  const host = { name: 'set-up', alive: true, standsUntil: 0, faulty: false };
  let over = false;
  const migrated = inHost(host, 'set-up', async () => {
    const db = connectDatabase(DATABASE_URL, { applicationName: 'set-up' });
    await migrateToLatest(db);
    await db.destroy();
  }).finally(() => {
    over = true;
  });
  await time.pass(Number.POSITIVE_INFINITY, () => over);
  await migrated;
  await postgres.exec(`
    SET plan_cache_mode = force_generic_plan;
    SET synchronous_commit = off;
    SET jit = off;
    CREATE TABLE seen_states (identifier text NOT NULL, status text NOT NULL, at timestamptz NOT NULL);
    CREATE FUNCTION note_state() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO seen_states VALUES (NEW.identifier, NEW.status, clock_timestamp());
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_state AFTER INSERT OR UPDATE OF status ON orders FOR EACH ROW EXECUTE FUNCTION note_state();
    CREATE TABLE seen_decisions (id bigint NOT NULL, said jsonb NOT NULL);
    CREATE FUNCTION note_decision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO seen_decisions VALUES (NEW.id, to_jsonb(NEW));
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_decision AFTER INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION note_decision();`);
  const { rows } = await postgres.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  );
  const tables = rows.map(({ name }) => name).filter((name) => !KEPT.includes(name));
  const sequences = await postgres.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  );
  // Only what was written to, dead rows too: a table emptied by TRUNCATE is planned for anew and gets new files. The
  // tables refuse to be emptied, so their triggers are kept quiet.
  await postgres.exec(`
    CREATE SCHEMA simulation;
    CREATE FUNCTION simulation.empty() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
    DECLARE
      written text;
    BEGIN
      SELECT string_agg(name, ', ') INTO written FROM unnest('{${tables.join()}}'::text[]) name
      WHERE pg_relation_size(name::regclass) > 0;
      IF written IS NOT NULL THEN EXECUTE 'TRUNCATE ' || written || ' CASCADE'; END IF;
      ${sequences.rows.map(({ name }) => `PERFORM setval('${name}', 1, false);`).join('\n')}
    END $$`);
  return postgres;
}

/** As new, for the next history. */
export async function emptyDatabase(postgres: PGlite): Promise<void> {
  await postgres.exec('SELECT simulation.empty()');
}
