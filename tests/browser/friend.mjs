/* Friends. */
import assert from "node:assert/strict";
import { asks, member } from "./fixtures.mjs";

/* One asks by e-mail, the other accepts; a friend's friend is suggested; errors are shown. */
export async function two_become_friends(people) {
	const [one, other, third] = [await member(people), await member(people), await member(people)];
	const part = (person, id) => person.page.locator(id);
	const [first, last] = third.name.split(" ");
	const short = `${first} ${last[0].toUpperCase()}.`; /* as strangers see the third */

	await asks(other, "POST", "/friends", { email: third.email });
	await asks(third, "POST", "/friends", { email: other.email });
	await one.visits("/");
	await one.follows("Friends", await one.opens_menu());
	await one.sees("No friends here yet");
	await one.presses("Ask somebody");
	await one.has_focus(one.page.getByLabel("E-mail of a friend"));
	await one.fills({ "E-mail of a friend": "nobody@walk.example" });
	one.expects(404);
	await one.presses("Ask", part(one, "#ask"));
	await one.sees("Nobody here has this e-mail.");
	await one.fills({ "E-mail of a friend": one.email });
	one.expects(422);
	await one.presses("Ask", part(one, "#ask"));
	await one.sees("This is you. Ask somebody else.");
	await one.fills({ "E-mail of a friend": other.email });
	await one.presses("Ask", part(one, "#ask"));
	await one.sees(`${other.email} is asked.`);
	await one.sees(other.email, part(one, "#asked"));
	assert.equal(await one.page.getByText(other.name).count(), 0); /* no name before both have asked */
	await one.presses(`Take back ${other.email}`);
	await one.page.getByText("Taken back.").waitFor();
	await one.fills({ "E-mail of a friend": other.email });
	await one.presses("Ask", part(one, "#ask"));
	await one.sees(other.email, part(one, "#asked"));

	await other.visits("/friends.html");
	await other.sees(one.name, part(other, "#asks"));
	assert.equal(await other.page.getByText(one.email).count(), 0);
	await other.presses(`Accept ${one.name}`);
	await other.sees(one.name, part(other, "#friends"));
	await part(other, "#asks").waitFor({ state: "hidden" });

	await one.page.reload();
	await one.sees(other.name, part(one, "#friends"));
	await one.sees(short, part(one, "#suggestions"));
	await one.sees("1 friend in common", part(one, "#suggestions"));
	await one.presses(`Ask ${short}`);
	await one.sees(short, part(one, "#asked"));
	await third.visits("/friends.html");
	await third.presses(`Decline ${one.name}`);
	await third.page.getByText("Declined.").waitFor();
	one.expects(404); /* the other has declined */
	await one.presses(`Take back ${short}`);
	await one.page.getByText("That is over already.").waitFor();
	await one.presses(`Remove ${other.name}`);
	await one.presses("Remove", one.page.getByRole("dialog"));
	await one.sees("No friends here yet");
	assert.deepEqual((await asks(other, "GET", "/friends")).friends.map((friend) => friend.name), [third.name]);
}
