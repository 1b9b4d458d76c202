-- A row lock asks for the right to update the row: see api.lock_query.
grant update (expires_at) on market.reservation to shoetopia_api;
