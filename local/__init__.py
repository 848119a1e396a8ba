"""The house on one machine: embedded PostgreSQL and Redis, and the supervisor behind `make run`.

`servers` lends the embedded servers to whoever needs them, `supervisor` keeps the parts of `parts` running.
Nothing here knows the product: parts are commands, and the product reads `servers.locate`.
"""
