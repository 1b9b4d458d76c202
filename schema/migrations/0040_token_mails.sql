-- Mails with links are counted by the beginning of their subject, 'KIND:WHOM:'. By bytes: in the order of a language, which the database may have, ';' comes before
-- ':', and such a range is empty.
create index outbox_token on market.outbox (subject collate "C") where kind = 'mail' and order_id is null;
