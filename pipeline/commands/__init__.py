"""The subcommands of `tocsin` that belong to the pipeline, one module each, imported when called."""
