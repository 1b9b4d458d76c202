-- The state of the payment sandbox, for SQLite: its tables, and its statements by name (sql.awk makes sql.h and sql.c of them).
--
-- Most rows are objects of the provider's API in the form in which they are answered: SQLite's JSON functions make and change them, and C never takes them
-- apart. `hidden` is what the sandbox knows about an object besides. `due_ms` is when the sandbox has to act on its own: a session's expiry, a refund's end.

-- name: schema
create table if not exists object (
  seq integer primary key autoincrement,
  id text not null unique,
  kind text not null,
  created_s integer not null,
  due_ms integer,
  body text not null check (json_valid(body)),
  hidden text not null default '{}',
  intent text generated always as (json_extract(body, '$.payment_intent')) virtual
);
create index if not exists object_kind on object (kind, seq);
create index if not exists object_intent on object (intent) where intent is not null;
create index if not exists object_due on object (due_ms) where due_ms is not null;

-- What was refunded of a charge: a refund that failed does not count.
create view if not exists refunded as
  select json_extract(body, '$.charge') as charge, intent, sum(json_extract(body, '$.amount')) as cents
    from object
   where kind = 'refund' and json_extract(body, '$.status') in ('pending', 'succeeded')
   group by 1, 2;

-- The Idempotency-Keys, with the answers that were given.
create table if not exists key (
  name text primary key,
  path text not null,
  digest text not null,
  status integer not null,
  answer text not null,
  created_ms integer not null
);
create index if not exists key_age on key (created_ms);

-- Events that are still to be sent.
create table if not exists delivery (
  id integer primary key autoincrement,
  event text not null,
  due_ms integer not null,
  attempts integer not null default 0
);
create index if not exists delivery_due on delivery (due_ms);
create index if not exists delivery_event on delivery (event);

create table if not exists setting (name text primary key, value text not null);

-- name: begin
begin immediate;

-- name: commit
commit;

-- name: setting_get (name) -> value
select value from setting where name = ?1;

-- name: setting_put (name, value)
insert into setting values (?1, ?2) on conflict (name) do update set value = excluded.value;

-- name: key_get (name) -> path, digest, status, answer
select path, digest, status, answer from key where name = ?1;

-- name: key_put (name, path, digest, status, answer, now_ms)
insert into key values (?1, ?2, ?3, ?4, ?5, ?6);

-- name: key_prune (since_ms)
delete from key where created_ms < ?1;

-- name: object_get (id, kind) -> body
select body from object where id = ?1 and kind = ?2;

-- name: object_body (id) -> body
select body from object where id = ?1;

-- name: object_seq (id, kind) -> its place in lists
select seq from object where id = ?1 and kind = ?2;

-- name: list (kind, before, since_s, until_s, limit, status, type, charge) -> body
select body
  from object indexed by object_kind
 where kind = ?1 and seq < ?2 and created_s between ?3 and ?4
   and (?6 is null or json_extract(body, '$.status') = ?6)
   and (?7 is null or json_extract(body, '$.type') = ?7)
   and (?8 is null or json_extract(body, '$.charge') = ?8)
 order by seq desc limit ?5;

-- name: list_of_intent (as above, payment_intent) -> body
select body
  from object indexed by object_intent
 where intent = ?9 and kind = ?1 and seq < ?2 and created_s between ?3 and ?4
   and (?6 is null or json_extract(body, '$.status') = ?6)
   and (?7 is null or json_extract(body, '$.type') = ?7)
   and (?8 is null or json_extract(body, '$.charge') = ?8)
 order by seq desc limit ?5;

-- name: due (now_ms) -> id, kind
select id, kind from object where due_ms <= ?1 order by due_ms limit 100;

-- name: session_new (id, now_s, expires_s, hidden, amount_cents, currency, order, success_url, cancel_url, email, metadata, url, locale)
insert into object (id, kind, created_s, due_ms, hidden, body)
values (?1, 'checkout.session', ?2, ?3 * 1000, ?4, json_object(
  'id', ?1, 'object', 'checkout.session', 'adaptive_pricing', json('{"enabled":false}'), 'after_expiration', null,
  'allow_promotion_codes', null, 'amount_subtotal', ?5, 'amount_total', ?5,
  'automatic_tax', json('{"enabled":false,"status":null}'), 'cancel_url', ?9, 'client_reference_id', ?7, 'created', ?2,
  'currency', ?6, 'customer', null, 'customer_creation', 'if_required', 'customer_details', null, 'customer_email', ?10,
  'expires_at', ?3, 'livemode', json('false'), 'locale', ?13, 'metadata', json(?11), 'mode', 'payment',
  'payment_intent', null, 'payment_method_collection', 'if_required', 'payment_method_types', json('["card"]'),
  'payment_status', 'unpaid', 'status', 'open', 'success_url', ?8,
  'total_details', json('{"amount_discount":0,"amount_shipping":0,"amount_tax":0}'), 'ui_mode', 'hosted', 'url', ?12));

-- name: session_state (id) -> status, payment_intent, its status, success_url, cancel_url
select json_extract(body, '$.status'), intent,
       (select json_extract(i.body, '$.status') from object i where i.id = object.intent),
       json_extract(body, '$.success_url'), json_extract(body, '$.cancel_url')
  from object
 where id = ?1 and kind = 'checkout.session';

-- name: session_page (id) -> amount_cents, currency, line items as JSON, order
select json_extract(body, '$.amount_total'), json_extract(body, '$.currency'), json_extract(hidden, '$.items'),
       json_extract(body, '$.client_reference_id')
  from object
 where id = ?1;

-- name: session_intent (id, payment_intent)
update object set body = json_set(body, '$.payment_intent', ?2) where id = ?1;

-- name: session_paid (id)
update object
   set due_ms = null,
       body = json_set(body, '$.status', 'complete', '$.payment_status', 'paid', '$.url', null, '$.customer_details', json_object(
         'address', null, 'email', json_extract(body, '$.customer_email'), 'name', null, 'phone', null, 'tax_exempt', 'none',
         'tax_ids', json_array()))
 where id = ?1;

-- name: session_expire (id)
update object set due_ms = null, body = json_set(body, '$.status', 'expired', '$.url', null) where id = ?1;

-- name: session_change (id, amount_cents or null, currency or null)
update object
   set body = json_set(body, '$.amount_total', coalesce(?2, json_extract(body, '$.amount_total')),
                       '$.currency', coalesce(?3, json_extract(body, '$.currency')))
 where id = ?1;

-- name: session_reopen (id, url)
update object
   set due_ms = 1000 * json_extract(body, '$.expires_at'),
       body = json_set(body, '$.status', 'open', '$.url', ?2, '$.payment_intent', null)
 where id = ?1 and json_extract(body, '$.status') = 'expired';

-- name: line_items (id) -> the answer
select json_object('object', 'list', 'data', json_extract(hidden, '$.items'), 'has_more', json('false'),
                   'url', '/v1/checkout/sessions/' || id || '/line_items')
  from object
 where id = ?1 and kind = 'checkout.session';

-- name: intent_new (id, now_s, session)
insert into object (id, kind, created_s, body)
select ?1, 'payment_intent', ?2, json_object(
  'id', ?1, 'object', 'payment_intent', 'amount', json_extract(body, '$.amount_total'), 'amount_capturable', 0,
  'amount_received', 0, 'canceled_at', null, 'cancellation_reason', null, 'capture_method', 'automatic',
  'confirmation_method', 'automatic', 'created', ?2, 'currency', json_extract(body, '$.currency'), 'customer', null,
  'description', json_extract(hidden, '$.description'), 'last_payment_error', null, 'latest_charge', null,
  'livemode', json('false'), 'metadata', json_extract(hidden, '$.metadata'), 'next_action', null, 'payment_method', null,
  'payment_method_types', json('["card"]'), 'receipt_email', json_extract(hidden, '$.receipt_email'),
  'status', 'requires_payment_method')
  from object
 where id = ?3;

-- name: intent_status (id, status, error as JSON or null)
update object set body = json_set(body, '$.status', ?2, '$.last_payment_error', json(?3)) where id = ?1;

-- name: intent_paid (id, charge)
update object
   set body = json_set(body, '$.status', 'succeeded', '$.last_payment_error', null,
                       '$.amount_received', json_extract(body, '$.amount'), '$.latest_charge', ?2)
 where id = ?1;

-- name: intent_cancel (session, now_s) -> id, if the session has one that is not paid
update object
   set body = json_set(body, '$.status', 'canceled', '$.canceled_at', ?2)
 where id = (select s.intent from object s where s.id = ?1) and json_extract(body, '$.status') <> 'succeeded'
returning id;

-- name: charge_new (id, now_s, payment_intent, session, now_ms)
insert into object (id, kind, created_s, hidden, body)
select ?1, 'charge', ?2,
       json_object('session', ?4, 'created_ms', ?5,
                   'order', (select json_extract(s.body, '$.client_reference_id') from object s where s.id = ?4)),
       json_object(
  'id', ?1, 'object', 'charge', 'amount', json_extract(body, '$.amount'), 'amount_captured', json_extract(body, '$.amount'),
  'amount_refunded', 0, 'captured', json('true'), 'created', ?2, 'currency', json_extract(body, '$.currency'),
  'customer', null, 'description', json_extract(body, '$.description'), 'disputed', json('false'), 'failure_code', null,
  'failure_message', null, 'livemode', json('false'), 'metadata', json_extract(body, '$.metadata'), 'paid', json('true'),
  'payment_intent', ?3, 'refunded', json('false'), 'status', 'succeeded')
  from object
 where id = ?3;

-- name: charge_of (payment_intent or charge) -> id, payment_intent, cents that are left, whether it is disputed
select id, intent,
       json_extract(body, '$.amount') - coalesce((select r.cents from refunded r where r.intent = object.intent and r.charge = object.id), 0),
       json_extract(body, '$.disputed')
  from object
 where kind = 'charge' and (intent = ?1 or id = ?1);

-- name: charge_sum (id): what was refunded of it
update object
   set body = json_set(body, '$.amount_refunded', sum.cents,
                       '$.refunded', json(case when sum.cents = json_extract(body, '$.amount') then 'true' else 'false' end))
  from (select coalesce((select r.cents from refunded r where r.charge = ?1), 0) as cents) sum
 where id = ?1;

-- name: charge_disputed (id)
update object set body = json_set(body, '$.disputed', json('true')) where id = ?1;

-- The number of an order is a number; any other client_reference_id is a text.
-- name: charges (order or null) -> the answer
select json_object('charges', json_group_array(json(charge)))
  from (select json_object(
          'order_id', case when cast(json_extract(hidden, '$.order') as integer) || '' = json_extract(hidden, '$.order')
                           then cast(json_extract(hidden, '$.order') as integer) else json_extract(hidden, '$.order') end,
          'session', json_extract(hidden, '$.session'), 'payment_intent', intent, 'charge', id,
          'amount_cents', json_extract(body, '$.amount'), 'currency', json_extract(body, '$.currency'),
          'refunded_cents', json_extract(body, '$.amount_refunded'), 'disputed', body -> '$.disputed',
          'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(hidden, '$.created_ms') / 1000.0, 'unixepoch')) as charge
          from object
         where kind = 'charge' and (?1 is null or json_extract(hidden, '$.order') = ?1)
         order by seq);

-- name: refund_new (id, now_s, due_ms or null, hidden, amount_cents, charge, reason, metadata, status)
insert into object (id, kind, created_s, due_ms, hidden, body)
select ?1, 'refund', ?2, ?3, ?4, json_object(
  'id', ?1, 'object', 'refund', 'amount', ?5, 'balance_transaction', null, 'charge', ?6, 'created', ?2,
  'currency', json_extract(body, '$.currency'), 'destination_details', json('{"card":{"type":"refund"},"type":"card"}'),
  'metadata', json(?8), 'payment_intent', intent, 'reason', ?7, 'receipt_number', null, 'source_transfer_reversal', null,
  'status', ?9, 'transfer_reversal', null)
  from object
 where id = ?6;

-- name: refund_state (id) -> status, the end that was decided, charge
select json_extract(body, '$.status'), json_extract(hidden, '$.end'), json_extract(body, '$.charge')
  from object
 where id = ?1 and kind = 'refund';

-- name: refund_end (id, status, failure_reason or null)
update object set due_ms = null, body = json_set(body, '$.status', ?2, '$.failure_reason', ?3) where id = ?1;

-- name: dispute_new (id, now_s, charge, amount_cents or null, reason)
insert into object (id, kind, created_s, body)
select ?1, 'dispute', ?2, json_object(
  'id', ?1, 'object', 'dispute', 'amount', coalesce(?4, json_extract(body, '$.amount')), 'balance_transactions', json_array(),
  'charge', ?3, 'created', ?2, 'currency', json_extract(body, '$.currency'), 'evidence', json_object(),
  'is_charge_refundable', json('false'), 'livemode', json('false'), 'metadata', json_object(), 'payment_intent', intent,
  'reason', ?5, 'status', 'needs_response')
  from object
 where id = ?3;

-- name: dispute_end (id, status) -> id, if it was open
update object
   set body = json_set(body, '$.status', ?2)
 where id = ?1 and kind = 'dispute' and json_extract(body, '$.status') = 'needs_response'
returning id;

-- name: event_new (id, now_s, version, deliveries, request, key or null, type, object)
insert into object (id, kind, created_s, body)
select ?1, 'event', ?2, json_object(
  'id', ?1, 'object', 'event', 'api_version', ?3, 'created', ?2, 'data', json_object('object', json(body)),
  'livemode', json('false'), 'pending_webhooks', ?4, 'request', json_object('id', ?5, 'idempotency_key', ?6), 'type', ?7)
  from object
 where id = ?8;

-- name: delivery_new (event, due_ms)
insert into delivery (event, due_ms) values (?1, ?2);

-- name: delivery_due (now_ms) -> id, attempts, event, its body, when it was created
select d.id, d.attempts, d.event, o.body, o.created_s
  from delivery d join object o on o.id = d.event
 where d.due_ms <= ?1
 order by d.due_ms limit 64;

-- name: delivery_next (now_ms) -> when the next one is due
select min(due_ms) from delivery where due_ms > ?1;

-- name: delivery_done (id)
delete from delivery where id = ?1;

-- name: delivery_again (id, due_ms)
update delivery set due_ms = ?2, attempts = attempts + 1 where id = ?1;

-- name: delivery_noted (event): how many of its deliveries are left
update object
   set body = json_set(body, '$.pending_webhooks', (select count(*) from delivery where event = ?1))
 where id = ?1;

-- name: counts -> the answer of /sandbox/health
select json_object(
  'status', 'ok',
  'open_sessions', (select count(*) from object where kind = 'checkout.session' and json_extract(body, '$.status') = 'open'),
  'pending_refunds', (select count(*) from object where kind = 'refund' and due_ms is not null),
  'pending_deliveries', (select count(*) from delivery));
