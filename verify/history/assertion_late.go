package history

// LateHint is the remedy where a statement took too long.
const LateHint = "make the statement faster, or give it more time: assertion_timeout in handrail.toml, or --assertion-timeout"
