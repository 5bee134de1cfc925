"""What commands share: options, output, input and words. A library: no plugin, no entry point."""
