import type { Measurement } from './bench.ts';
import { SPEED } from './bench-bot.ts';
import { DISK_PARTS, type DiskReading } from './disk-reading.ts';

const MB = 1_000_000;

/** How fast the data directory grows, from two readings of it. */
export function diskGrowth(before: DiskReading, after: DiskReading): Measurement {
  const seconds = (after.at - before.at) / 1_000;
  const perHour = (from: number, to: number) => ((to - from) / MB / seconds) * 3_600;
  const kept = perHour(before.temporalPages, after.temporalPages);
  const rows = perHour(before.allocated.postgres, after.allocated.postgres);
  const log = perHour(before.walWritten, after.walWritten);
  const exchange = perHour(before.allocated.exchange, after.allocated.exchange);
  const both = (name: string, value: number) => [
    { name: `${name}, speed ${SPEED}`, value, unit: 'MB/h' },
    { name: `${name}, real time`, value: value / SPEED, unit: 'MB/h' },
  ];
  return {
    title: 'Disk',
    figures: [
      ...both('Temporal', kept),
      ...both('PostgreSQL without its log', rows),
      ...both('paper exchange', exchange),
      ...both('PostgreSQL log, written and reused', log),
    ],
    breakdown: DISK_PARTS.map((part) => ({
      part,
      'before, MB': megabytes(before.allocated[part]),
      'after, MB': megabytes(after.allocated[part]),
    })),
    notes: [
      `Growth over ${seconds.toFixed(0)} s at one candle a second, after a warm-up, times ${(3_600 / seconds).toFixed(1)}. Real time is a 60th: growth comes with candles.`,
      'Temporal: pages in use as a reader of its database sees them, so that it does not matter what SQLite has moved from its log (up to about 4 MB) into the file. Growth is to end when the oldest runs pass their retention: 1 h at speed, 30 days in real time; the file keeps its size and its pages are used again.',
      'PostgreSQL: blocks allocated outside pg_wal; tables grow by pages of 8 KiB, so a short run is coarse. See bytes per candle under "Upsert".',
      'PostgreSQL log (pg_wal): what is written. Its files of 16 MiB are renamed and used again after a checkpoint, so that it occupies one or two of them at this pace and about 1 GB (max_wal_size) at most. Real time writes more than a 60th, as each checkpoint makes the next change of a page write all of it.',
    ],
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 10_000) / 100;
}
