"""The subcommands of `tocsin` that belong to the pipeline; each is found by its dotted name in `pipeline.cli`."""
