/* My wishlist: shoes, each with its cheapest listing. A shoe that is removed stays in view, so that it can be put back. */

import { $, empty, h } from "./dom.js";
import { need_me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";
import { shoe_tile } from "./shoe.js";

await need_me();
await fill_paged_list($("#wishes"), "/wishlist", { limit: "24" }, { items: "shoes", draw: shoe_tile, none: empty("Nothing on your wishlist yet",
	"Press the heart on a shoe that you like: it is kept here, with the best price of the moment. Your friends see what you wish for among their own recommendations.",
	h("a", { class: "button", href: "/" }, "Find shoes"), h("a", { class: "button quiet", href: "/friends.html" }, "Find friends")) });
