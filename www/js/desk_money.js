/* The desk's page of money: what the shop has, its payouts, and each entry of its ledger. It follows what comes in. */

import { $, failed, money } from "./dom.js";
import { draw_balance, listen_to_balance } from "./balance.js";
import { need_shop } from "./desk.js";
import { watch } from "./watch.js";

const PACE = 5000; /* ms between two looks for new entries */

const shop = await need_shop();

listen_to_balance(() => shop);
await draw_balance(shop).catch((error) => $("#entries").replaceChildren(failed(error, () => location.reload())));
$("#page").hidden = false;
let is_first = true;

watch(`/shops/${shop.shop_id}/balance?limit=1`, (balance) => {
	if (balance && !(is_first && $("#balance-now").textContent === money(balance.balance_cents)))
		draw_balance(shop).catch((error) => console.warn(error.message));
	is_first = false;
}, () => PACE);
