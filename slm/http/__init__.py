"""What every request passes through before it reaches GraphQL, and the pages beside it."""
