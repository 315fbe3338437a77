-- Reports read counters since 0019, so the only query that read this index was whether mail is known in a backtest. It now reads the
-- counters, or the events of a campaign. Each stored event wrote to this index.
DROP INDEX delivery_events_volume;
