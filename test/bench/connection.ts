import { Client } from 'pg';

/** A connection to a running bot's database for one piece of reading. */
export async function withConnection<Result>(
  { databaseUrl }: { readonly databaseUrl: string },
  read: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'durabit-bench' });
  await client.connect();
  try {
    return await read(client);
  } finally {
    await client.end();
  }
}
