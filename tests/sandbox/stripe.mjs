// stripe.mjs URL KEY SECRET: uses the sandbox by the provider's own package, and checks what it answers. Events that the webhook got are read from
// standard input, one JSON array [body, header] a line, once a line "paid" has been printed. The last line says "N passed, N failed".
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { default: Stripe } = await import(createRequire(`${process.env.SHOETOPIA_MODULES}/`).resolve('stripe'));
const [url, key, secret] = process.argv.slice(2);
const { hostname: host, port } = new URL(url);
const stripe = new Stripe(key, { protocol: 'http', host, port, maxNetworkRetries: 0, telemetry: false });

const body = (order, more = {}) => ({
	mode: 'payment',
	client_reference_id: String(order),
	success_url: `http://127.0.0.1:9/orders/${order}`,
	cancel_url: `http://127.0.0.1:9/orders/${order}`,
	expires_at: Math.floor(Date.now() / 1000) + 2000,
	payment_method_types: ['card'],
	adaptive_pricing: { enabled: false },
	metadata: { order_id: String(order) },
	payment_intent_data: { metadata: { order_id: String(order) } },
	line_items: [
		{ quantity: 2, price_data: { currency: 'usd', unit_amount: 4500, product_data: { name: 'Court Æ “Low”' } } },
		{ quantity: 1, price_data: { currency: 'usd', unit_amount: 700, product_data: { name: 'Shipping' } } },
	],
	...more,
});

const pay = (session, card) => fetch(session.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card }) });

/** The error that a call is refused with; fails if it is not of this class of the package. */
async function refused(call, kind) {
	const error = await call.then(() => assert.fail('it was not refused'), (e) => e);
	assert.equal(error.constructor.name, kind, error.message);
	return error;
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const tests = {
	async 'a session is created, retrieved, and has no payment_intent yet'() {
		const made = await stripe.checkout.sessions.create(body(1));
		const session = await stripe.checkout.sessions.retrieve(made.id);
		assert.deepEqual(JSON.parse(JSON.stringify(session)), JSON.parse(JSON.stringify(made)));
		assert.equal(session.amount_total, 9700);
		assert.equal(session.client_reference_id, '1');
		assert.deepEqual([session.status, session.payment_status, session.payment_intent], ['open', 'unpaid', null]);
		const items = await stripe.checkout.sessions.listLineItems(made.id);
		assert.deepEqual(items.data.map((item) => item.description), ['Court Æ “Low”', 'Shipping']);
	},
	async 'a session expires once, and only while it is open'() {
		const made = await stripe.checkout.sessions.create(body(2));
		assert.equal((await stripe.checkout.sessions.expire(made.id)).status, 'expired');
		const error = await refused(stripe.checkout.sessions.expire(made.id), 'StripeInvalidRequestError');
		assert.equal(error.statusCode, 400);
		assert.equal((await pay(made, '4242424242424242')).status, 410);
	},
	async 'a paid session has a payment_intent, which is refunded in two parts and no more'() {
		const made = await stripe.checkout.sessions.create(body(3));
		assert.equal((await pay(made, '4242 4242 4242 4242')).status, 303);
		const { status, payment_status: paid, payment_intent: id } = await stripe.checkout.sessions.retrieve(made.id);
		assert.deepEqual([status, paid], ['complete', 'paid']);
		const intent = await stripe.paymentIntents.retrieve(id);
		assert.deepEqual([intent.status, intent.amount_received, intent.metadata.order_id], ['succeeded', 9700, '3']);
		const first = await stripe.refunds.create({ payment_intent: id, amount: 700, metadata: { why: 'late' } });
		assert.deepEqual([first.amount, first.status, first.metadata.why], [700, 'succeeded', 'late']);
		await refused(stripe.refunds.create({ payment_intent: id, amount: 9001 }), 'StripeInvalidRequestError');
		assert.equal((await stripe.refunds.create({ payment_intent: id })).amount, 9000);
		assert.equal((await refused(stripe.refunds.create({ payment_intent: id }), 'StripeInvalidRequestError')).code, 'charge_already_refunded');
		assert.deepEqual((await stripe.refunds.list({ payment_intent: id })).data.map((refund) => refund.amount), [9000, 700]);
		assert.equal((await stripe.refunds.retrieve(first.id)).charge, intent.latest_charge);
		assert.equal((await stripe.charges.retrieve(intent.latest_charge)).refunded, true);
	},
	async 'a key replays the first answer, and is refused with another body'() {
		const parameters = body(4);
		const first = await stripe.checkout.sessions.create(parameters, { idempotencyKey: 'of-order-4' });
		const again = await stripe.checkout.sessions.create(parameters, { idempotencyKey: 'of-order-4' });
		assert.equal(again.id, first.id);
		assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
		const error = await refused(stripe.checkout.sessions.create(body(5), { idempotencyKey: 'of-order-4' }), 'StripeIdempotencyError');
		assert.equal(error.statusCode, 400);
	},
	async 'errors have the classes of the package'() {
		const other = new Stripe('sk_test_another', { protocol: 'http', host, port, maxNetworkRetries: 0 });
		await refused(other.events.list(), 'StripeAuthenticationError');
		const missing = await refused(stripe.checkout.sessions.create({ mode: 'payment' }), 'StripeInvalidRequestError');
		assert.deepEqual([missing.code, missing.param], ['parameter_missing', 'success_url']);
		assert.equal((await refused(stripe.refunds.retrieve('re_none'), 'StripeInvalidRequestError')).statusCode, 404);
	},
	async 'lists are walked page by page'() {
		const since = Math.floor(Date.now() / 1000) - 600;
		const made = [];
		for (let order = 100; order < 105; order++) made.unshift((await stripe.checkout.sessions.create(body(order))).id);
		const seen = [];
		for await (const session of stripe.checkout.sessions.list({ limit: 2, created: { gte: since } })) seen.push(session.id);
		assert.deepEqual(seen.slice(0, 5), made);
		assert.equal(new Set(seen).size, seen.length);
		assert.equal((await stripe.checkout.sessions.list({ created: { lt: since } })).data.length, 0);
		assert.equal((await stripe.checkout.sessions.list({ status: 'complete' })).data.length, 1);
		assert.ok((await stripe.events.list({ type: 'checkout.session.expired' })).data.length === 1);
	},
	async 'events are signed as the package wants it, and forged ones are refused'() {
		console.log('paid');
		let found;
		while (!found) {
			const { value, done } = await lines.next();
			assert.ok(!done, 'the event of the payment did not come');
			const [text, header] = JSON.parse(value);
			const event = stripe.webhooks.constructEvent(text, header, secret);
			assert.throws(() => stripe.webhooks.constructEvent(text.replace('evt_', 'evt-'), header, secret));
			assert.throws(() => stripe.webhooks.constructEvent(text, header, `${secret}x`));
			if (event.type === 'checkout.session.completed') found = event;
		}
		assert.equal(found.data.object.client_reference_id, '3');
		assert.equal((await stripe.events.retrieve(found.id)).data.object.id, found.data.object.id);
	},
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
	try {
		await test();
		console.log(`ok ${name}`);
	} catch (error) {
		failed++;
		console.log(`FAILED ${name}\n${error.stack}`);
	}
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
