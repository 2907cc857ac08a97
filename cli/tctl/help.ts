export const HELP = `tctl: the schedule commands of Temporal's retired tool, for the schedules of durabit.

  npx tctl schedule pause    --schedule_id ID [--reason TEXT]
  npx tctl schedule unpause  --schedule_id ID [--reason TEXT]
  npx tctl schedule toggle   --schedule_id ID --pause|--unpause [--reason TEXT]
  npx tctl schedule trigger  --schedule_id ID [--overlap_policy POLICY]
  npx tctl schedule describe --schedule_id ID [--print_json]
  npx tctl schedule list     [--print_json]

  --schedule_id, --sid, -s   such as trade-KRW-BTC, collect-KRW-BTC or reconcile
  --reason, --re, -r         why; the schedule's note shows it
  --overlap_policy           what to do when a run is going on: Skip (default), BufferOne, BufferAll,
                             CancelOther, TerminateOther, AllowAll
  --address, --ad            HOST:PORT of the Temporal server (default: TEMPORAL_CLI_ADDRESS, TEMPORAL_ADDRESS,
                             else that of the running bot); TLS and API key as the TEMPORAL_ settings say
  --namespace, --ns, -n      (default: TEMPORAL_CLI_NAMESPACE, TEMPORAL_NAMESPACE, else that of the bot)
  --data_dir                 where the running bot keeps its state (default: DURABIT_DATA_DIR, else data)
  --print_json, --pj         one JSON document on stdout

Exit codes: 0 done, 1 could not be done, 2 asked for wrongly.
Everything else of the retired tool: temporal --help. The same in durabit's words: npx durabit --help.`;
