// header.mjs SECRET [SECONDS]: the Stripe-Signature of the body on standard input, at a time (default: now), by the provider's own package.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { default: Stripe } = await import(createRequire(`${process.env.SHOETOPIA_MODULES}/`).resolve('stripe'));
const [secret, seconds] = process.argv.slice(2);
const header = { payload: readFileSync(0, 'utf8'), secret, ...(seconds && { timestamp: Number(seconds) }) };
console.log(new Stripe('sk_test_none').webhooks.generateTestHeaderString(header));
