-- name: health :one rw
-- Could a write be made?
select api.write_obstacle() as code;

-- name: health_reading :one ro public
-- Can public reads be answered?
select max(v.version) as version from market.schema_version v;
