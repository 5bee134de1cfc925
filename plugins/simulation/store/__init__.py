"""Where simulated nodes keep their cases: in memory, or in the live store, under watch."""
