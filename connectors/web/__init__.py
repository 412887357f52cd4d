"""The screen: alerts, articles, rules, feeds and the pipeline in a browser, over HTTP on this machine."""
