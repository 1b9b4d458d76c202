/*
 * Friends, requests received, requests sent, and suggestions. Two accounts are friends once both have asked. A request by e-mail has no name and no number
 * until then: it is shown and withdrawn by the e-mail.
 */

import { Attempt, write } from "./api.js";
import { $, ask, empty, h, own, phrase, plural, say, time, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { need_me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";

/* Runs call, announces done, and reloads all lists; the focus moves to the heading of the list that the button was in. */
async function run_action(button, done, call) {
	const heading = $("h2", button.closest("section"));

	button.disabled = true;
	try {
		await call();
		say(done);
	} catch (error) {
		if (error.status !== 404) {
			button.disabled = false;
			say(error.message, { bad: true });
			return;
		}
		say("That is over already."); /* the other account ended it first */
	}
	await load();
	heading.focus();
}

const befriend = (person) => new Attempt(`friend-${person.account_id}`).post("/friends", { account_id: person.account_id });
const drop_friend = (person) => write("DELETE", `/friends/${person.account_id}`);
const withdraw = (person) => (person.account_id ? drop_friend(person) : write("DELETE", "/friends/asked", { email: person.email }));
const name_of = (person) => person.name || person.email;

function action_button(words, person, run, kind = "") {
	const button = h("button", { type: "button", class: kind, onclick: () => run(button) }, words, h("span", { class: "unseen" }, phrase` ${name_of(person)}`));

	return button;
}

const row = (person, fact, ...buttons) => h("li", { class: "person" }, h("span", { class: "face", "aria-hidden": "true" }, typed([...name_of(person)][0].toUpperCase())),
	h("div", {}, h("h3", {}, typed(name_of(person))), h("p", { class: "facts" }, fact)), h("div", { class: "row" }, buttons));

const asking = (person) => row(person, ["Asked you ", time(person.updated_at)],
	action_button("Accept", person, (button) => run_action(button, phrase`You and ${person.name} are friends.`, () => befriend(person))),
	action_button("Decline", person, (button) => run_action(button, "Declined. They are not told.", () => drop_friend(person)), "quiet"));

const friend = (person) => row(person, ["Friends since ", time(person.updated_at)],
	action_button("Remove", person, async (button) => {
		if (await ask(phrase`Remove ${person.name}?`, "You no longer see what the other one wishes for. You can ask again at any time.", "Remove", { no: "Stay friends", grave: true }))
			await run_action(button, phrase`${person.name} is removed.`, () => drop_friend(person));
	}, "quiet"));

const asked = (person) => row(person, ["You asked ", time(person.updated_at)], action_button("Take back", person, (button) => run_action(button, "Taken back.", () => withdraw(person)), "quiet"));

const suggested = (person) => row(person, `${plural(person.mutual, "friend")} in common`,
	action_button("Ask", person, (button) => run_action(button, phrase`You asked ${person.name}.`, () => befriend(person))));

/* Fills a part of the page with the people at path; without any it is hidden, or has what `none` says. */
async function fill(part_of_page, path, draw, { items = "friends", limit = 24, none } = {}) {
	const [where, query] = path.split("?");
	const page = await fill_paged_list($("ul", part_of_page), where, `limit=${limit}&${query || ""}`, { items, draw, none });

	part_of_page.hidden = page !== null && own(page, items).length === 0 && !none;
	return page;
}

async function load() {
	const [friends] = await Promise.all([
		fill($("#friends"), "/friends", friend, { none: empty("No friends here yet", "Ask somebody by the e-mail they sign in with. Once they have said yes, you see what the other one wishes for.",
			h("button", { type: "button", onclick: () => $("#email").focus() }, "Ask somebody")) }),
		fill($("#asks"), "/friends?status=asks", asking),
		fill($("#asked"), "/friends?status=asked", asked)]);

	await fill($("#suggestions"), "/friends/suggestions", suggested, { items: "suggestions", limit: 12,
		none: friends?.friends.length ? h("span", {}, "Nobody right now. Friends of your friends are shown here.") : null });
	$("#people").hidden = false;
}

await need_me();
on_submit($("#ask"), async (values, attempt) => {
	const { status } = await attempt.post("/friends", values);

	$("#ask").reset();
	await load();
	return status === "friends" ? phrase`You and ${values.email} are friends.` : phrase`${values.email} is asked. You are friends as soon as they ask you, too.`;
});
await load();
